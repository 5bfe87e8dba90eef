import { createHash } from "node:crypto";
import type { GpuPass, ShaderBinding, ShaderEntry, ShaderSource } from "../protocol/gpu.ts";
import { type CompiledShader, compileShader } from "./compile-shader.ts";
import { workgroupSizeProblem } from "./job-check.ts";
import type { ShaderFindings } from "./process-messages.ts";
import { invalid, plainMessage, problemAt } from "./shader-problem.ts";
import { findFunction } from "./source-search.ts";

/** Shaders kept; the least recently used one goes. */
const KEPT_SHADERS = 256;

/** Pipelines kept of a shader: callers choose the values of its overrides. */
const KEPT_PIPELINES = 32;

/** What a pipeline is made for. */
interface PipelineNeeds {
  /** Which of the shader's bindings the pass fills. */
  readonly bindings: readonly ShaderBinding[];
  /** Bindings of textures that a sampler may interpolate. */
  readonly filterable: ReadonlySet<ShaderBinding>;
  /** Values of overrides, by their keys. */
  readonly constants: GpuPass["constants"];
}

/** Translates, compiles and reflects each shader once, found again by the hash of its text. */
export class ShaderCache {
  readonly #device: GPUDevice;
  readonly #shaders = new Map<string, CompiledShader>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** @throws MOC_SHADER_INVALID with the position in the user's text */
  async shader(source: ShaderSource): Promise<CompiledShader> {
    const found = await this.#compiled(source);
    if (!("problems" in found)) return found;
    const first = found.problems.find((one) => one.severity === "error");
    throw invalid(source, first ?? problemAt(undefined, "it does not compile"));
  }

  /** Everything that the compiler says, and what shows when each entry point gets its pipeline. */
  async check(source: ShaderSource): Promise<ShaderFindings> {
    const found = await this.#compiled(source);
    if ("problems" in found) return found;
    const { shape, warnings } = found;
    const problems = [...warnings];
    for (const entry of shape.entries) {
      const bindings = shape.bindings.filter((one) => entry.bindings.includes(one.name));
      // As functions do it: what is sampled are decoded pictures.
      const filterable = new Set(bindings.filter((one) => one.kind === "texture"));
      const required = entry.overrides.filter((one) => one.required);
      const constants = Object.fromEntries(required.map((one) => [one.key, 1]));
      const refused =
        workgroupSizeProblem(entry.workgroupSize, this.#device.limits) ??
        (await this.#tryPipeline(found, entry, { bindings, filterable, constants }));
      if (typeof refused === "string") {
        problems.push(problemAt(findFunction(source.text, entry.name), refused));
      }
    }
    return { problems, shape };
  }

  async #compiled(source: ShaderSource): Promise<CompiledShader | ShaderFindings> {
    const key = createHash("sha256")
      .update(`${source.language}\n${source.name}\n${source.text}`)
      .digest("base64");
    const found = this.#shaders.get(key) ?? (await compileShader(this.#device, source));
    if ("problems" in found) return found;
    this.#shaders.delete(key);
    this.#shaders.set(key, found);
    for (const oldest of this.#shaders.keys()) {
      if (this.#shaders.size <= KEPT_SHADERS) break;
      this.#shaders.delete(oldest);
    }
    return found;
  }

  /** @throws MOC_SHADER_INVALID when the shader and the device do not fit */
  async pipeline(
    shader: CompiledShader,
    entry: ShaderEntry,
    needs: PipelineNeeds,
  ): Promise<GPUComputePipeline> {
    const pipeline = await this.#tryPipeline(shader, entry, needs);
    if (typeof pipeline !== "string") return pipeline;
    const { source } = shader;
    throw invalid(source, problemAt(findFunction(source.text, entry.name), pipeline));
  }

  /** @returns as text why the device refuses it */
  async #tryPipeline(
    shader: CompiledShader,
    entry: ShaderEntry,
    needs: PipelineNeeds,
  ): Promise<GPUComputePipeline | string> {
    const { bindings, filterable, constants } = needs;
    const marks = bindings.map((one) => `${one.group}.${one.binding}${filterable.has(one)}`);
    const key = `${entry.name} ${marks.join()} ${JSON.stringify(constants ?? {})}`;
    const { pipelines } = shader;
    const pipeline = pipelines.get(key) ?? (await this.#createPipeline(shader, entry, needs));
    if (typeof pipeline === "string") return pipeline;
    pipelines.delete(key);
    pipelines.set(key, pipeline);
    for (const oldest of pipelines.keys()) {
      if (pipelines.size <= KEPT_PIPELINES) break;
      pipelines.delete(oldest);
    }
    return pipeline;
  }

  async #createPipeline(
    shader: CompiledShader,
    entry: ShaderEntry,
    { bindings, filterable, constants = {} }: PipelineNeeds,
  ): Promise<GPUComputePipeline | string> {
    const groups = 1 + Math.max(-1, ...bindings.map((one) => one.group));
    this.#device.pushErrorScope("validation");
    const bindGroupLayouts = Array.from({ length: groups }, (_, group) =>
      this.#device.createBindGroupLayout({
        entries: bindings
          .filter((one) => one.group === group)
          .map((one) => layoutEntry(one, filterable.has(one))),
      }),
    );
    const layout = this.#device.createPipelineLayout({ bindGroupLayouts });
    const created = this.#device
      .createComputePipelineAsync({
        layout,
        compute: { module: shader.module, entryPoint: entry.name, constants },
      })
      .catch((error: Error) => error);
    const refused = await this.#device.popErrorScope();
    const pipeline = await created;
    return pipeline instanceof Error ? plainMessage(refused ?? pipeline) : pipeline;
  }
}

const STORAGE_ACCESS = {
  read: "read-only",
  write: "write-only",
  read_write: "read-write",
} as const;

function layoutEntry(binding: ShaderBinding, filterable: boolean): GPUBindGroupLayoutEntry {
  const entry = { binding: binding.binding, visibility: GPUShaderStage.COMPUTE };
  switch (binding.kind) {
    case "uniform":
      return { ...entry, buffer: { type: "uniform" } };
    case "storage":
      return {
        ...entry,
        buffer: { type: binding.access === "read" ? "read-only-storage" : "storage" },
      };
    case "storage-texture": {
      const format = binding.format as GPUTextureFormat;
      return { ...entry, storageTexture: { access: STORAGE_ACCESS[binding.access], format } };
    }
    case "texture":
      return { ...entry, texture: { sampleType: filterable ? "float" : "unfilterable-float" } };
    case "sampler":
      return { ...entry, sampler: { type: "filtering" } };
  }
}
