import { MocError } from "../protocol/errors.ts";
import {
  type GpuJob,
  type GpuPass,
  type GpuPassBinding,
  type GpuResource,
  type ShaderBinding,
  type ShaderEntry,
  TEXTURE_FORMATS,
  type TextureFormat,
} from "../protocol/gpu.ts";
import { leastBytes, workgroupSizeWith } from "../protocol/shader-types.ts";
import type { CompiledShader } from "./compile-shader.ts";
import type { ComputeLimits } from "./device.ts";

/** Checks what WebGPU would refuse, so that messages name the user's bindings and the limits. */

const wrong = (message: string) => new MocError("MOC_SHADER_BINDING", message);

const at = (one: ShaderBinding) =>
  `binding '${one.name}' (@group(${one.group}) @binding(${one.binding}))`;

/**
 * @param sizes lengths of the inputs in bytes
 * @throws MOC_SHADER_BINDING
 */
export function checkResources(job: GpuJob, sizes: readonly number[], limits: ComputeLimits): void {
  for (const resource of job.resources) {
    if (resource.kind === "sampler") continue;
    const capacity = resourceBytes(resource);
    if (resource.kind === "buffer") checkBufferSize(resource, limits);
    else checkTextureSize(resource, limits);
    const given = resource.input === undefined ? 0 : sizes[resource.input];
    if (given === undefined) {
      throw wrong(
        `'${resource.name}' takes input ${resource.input}, but the job has ${sizes.length}`,
      );
    }
    if (given > capacity) {
      throw wrong(`'${resource.name}' holds ${capacity} bytes, but its input has ${given}`);
    }
  }
  // They are read back together.
  const outputs = job.resources.filter((one) => one.kind !== "sampler" && one.output);
  const bytes = outputs.reduce((sum, one) => sum + outputBytes(one), 0);
  if (bytes > limits.maxBufferSize) {
    const names = outputs.map((one) => `'${one.name}'`).join(", ");
    throw wrong(
      `the outputs ${names} have ${bytes} bytes together; the adapter allows ${limits.maxBufferSize} (maxBufferSize)`,
    );
  }
}

function checkBufferSize(resource: GpuResource & { kind: "buffer" }, limits: ComputeLimits): void {
  const name =
    resource.usage === "uniform" ? "maxUniformBufferBindingSize" : "maxStorageBufferBindingSize";
  if (!Number.isInteger(resource.bytes) || resource.bytes < 1) {
    throw wrong(`'${resource.name}' is empty: a buffer needs at least one element`);
  }
  for (const limit of [name, "maxBufferSize"] as const) {
    if (resource.bytes <= limits[limit]) continue;
    throw wrong(
      `'${resource.name}' has ${resource.bytes} bytes; the adapter allows ${limits[limit]} (${limit})`,
    );
  }
}

function checkTextureSize(
  resource: GpuResource & { kind: "texture" },
  limits: ComputeLimits,
): void {
  const { name, width, height } = resource;
  if (!(resource.format in TEXTURE_FORMATS)) {
    throw wrong(
      `'${name}' has the format '${resource.format}'; use one of ${Object.keys(TEXTURE_FORMATS).join(", ")}`,
    );
  }
  for (const side of [width, height]) {
    if (!Number.isInteger(side) || side < 1 || side > limits.maxTextureDimension2D) {
      throw wrong(
        `'${name}' is ${width} x ${height}; each side must be 1 to ${limits.maxTextureDimension2D} (maxTextureDimension2D)`,
      );
    }
  }
  const most = limits.maxStorageBufferBindingSize;
  if (resource.asColours && outputBytes(resource) > most) {
    throw wrong(
      `'${name}' is ${width} x ${height}; a picture has at most ${most} bytes (maxStorageBufferBindingSize)`,
    );
  }
}

export function resourceBytes(resource: GpuResource): number {
  if (resource.kind === "sampler") return 0;
  if (resource.kind === "buffer") return resource.bytes;
  return resource.width * resource.height * TEXTURE_FORMATS[resource.format].bytesPerPixel;
}

/** In which format a texture comes back. */
export function outputFormat(texture: GpuResource & { kind: "texture" }): TextureFormat {
  return texture.asColours ? "rgba8unorm" : texture.format;
}

/** Bytes that come back. */
export function outputBytes(resource: GpuResource): number {
  if (resource.kind !== "texture") return resourceBytes(resource);
  return resourceBytes({ ...resource, format: outputFormat(resource) });
}

/** @throws MOC_BAD_REQUEST */
export function chooseEntry(shader: CompiledShader, pass: GpuPass): ShaderEntry {
  const { entries } = shader.shape;
  const entry = pass.entry
    ? entries.find((one) => one.name === pass.entry)
    : entries.length === 1
      ? entries[0]
      : entries.find((one) => one.name === "main");
  if (entry) return entry;
  const names = entries.map((one) => one.name).join(", ");
  throw new MocError(
    "MOC_BAD_REQUEST",
    pass.entry
      ? `${shader.source.name} has no entry point '${pass.entry}'; it has ${names}`
      : `${shader.source.name} has several entry points: say which of ${names} each pass runs`,
  );
}

/** Why the adapter cannot run workgroups of this size, if it cannot. */
export function workgroupSizeProblem(
  workgroupSize: ShaderEntry["workgroupSize"],
  limits: Pick<
    ComputeLimits,
    | "maxComputeInvocationsPerWorkgroup"
    | "maxComputeWorkgroupSizeX"
    | "maxComputeWorkgroupSizeY"
    | "maxComputeWorkgroupSizeZ"
  >,
): string | undefined {
  const size = `@workgroup_size(${workgroupSize.join(", ")})`;
  for (const [index, axis] of (["X", "Y", "Z"] as const).entries()) {
    const most = limits[`maxComputeWorkgroupSize${axis}`];
    if ((workgroupSize[index] ?? 1) <= most) continue;
    return `${size} is too long in ${axis.toLowerCase()}; the adapter allows ${most} (maxComputeWorkgroupSize${axis})`;
  }
  const count = workgroupSize.reduce((product, one) => product * one, 1);
  const most = limits.maxComputeInvocationsPerWorkgroup;
  if (count <= most) return undefined;
  return `${size} makes ${count} invocations; the adapter allows ${most} (maxComputeInvocationsPerWorkgroup)`;
}

/** @throws MOC_SHADER_BINDING */
export function checkWorkgroups(
  shader: CompiledShader,
  entry: ShaderEntry,
  pass: GpuPass,
  limits: ComputeLimits,
): void {
  const where = `${shader.source.name}, entry point '${entry.name}'`;
  const tooLarge = workgroupSizeProblem(workgroupSizeWith(entry, pass.constants), limits);
  if (tooLarge) throw wrong(`${where}: ${tooLarge}`);
  const highest = limits.maxComputeWorkgroupsPerDimension;
  const valid = (count: number) => Number.isInteger(count) && count >= 1 && count <= highest;
  if (pass.workgroups.length !== 3 || !pass.workgroups.every(valid)) {
    throw wrong(
      `${where}: cannot dispatch ${pass.workgroups.join(" x ")} workgroups; each number must be 1 to ${highest} (maxComputeWorkgroupsPerDimension). Enlarge @workgroup_size, or spread the work over y and z`,
    );
  }
}

/** A binding of the shader with what stands there in a pass. */
export interface Bound {
  readonly binding: ShaderBinding;
  readonly resource: number;
}

/**
 * Joins a pass's bindings with the shader's. Those the shader does not have are left out, as OpenGL
 * does.
 * @throws MOC_SHADER_BINDING when one that the entry point uses is missing, or of the wrong kind
 */
export function joinBindings(
  shader: CompiledShader,
  entry: ShaderEntry,
  given: readonly GpuPassBinding[],
  resources: readonly GpuResource[],
): Bound[] {
  const bound: Bound[] = [];
  for (const binding of shader.shape.bindings) {
    const one = given.find(
      (place) => place.group === binding.group && place.binding === binding.binding,
    );
    if (!one) {
      if (!entry.bindings.includes(binding.name)) continue;
      throw wrong(`${shader.source.name}: ${at(binding)} is used but nothing is bound to it`);
    }
    const resource = resources[one.resource];
    if (!resource) throw wrong(`${at(binding)}: the job has no resource ${one.resource}`);
    checkKind(binding, resource);
    bound.push({ binding, resource: one.resource });
  }
  return bound;
}

function checkKind(binding: ShaderBinding, resource: GpuResource): void {
  const given = resource.kind === "sampler" ? "sampler" : `${resource.usage} ${resource.kind}`;
  const fits = {
    uniform: "uniform buffer",
    storage: "storage buffer",
    "storage-texture": "storage texture",
    texture: "sampled texture",
    sampler: "sampler",
  }[binding.kind];
  if (given !== fits) throw wrong(`${at(binding)} is a ${fits}, but a ${given} is bound to it`);
  if (binding.kind === "storage-texture" && resource.kind === "texture") {
    if (binding.format === resource.format) return;
    throw wrong(`${at(binding)} has the format ${binding.format}, but is given ${resource.format}`);
  }
  if ((binding.kind === "uniform" || binding.kind === "storage") && resource.kind === "buffer") {
    const least = leastBytes(binding.type);
    if (resource.bytes >= least) return;
    throw wrong(`${at(binding)} needs at least ${least} bytes, but has ${resource.bytes}`);
  }
}
