import { MocError } from "../../protocol/errors.ts";
import type { GpuJob, GpuPass, GpuResource, ShaderSource } from "../../protocol/gpu.ts";
import type { CallContext } from "../call-context.ts";
import { bind } from "../define.ts";
import type { ExchangeBuffer } from "../exchange-buffer.ts";
import { gpu } from "./api.ts";
import { computeOnGpu, shaderSource } from "./ask.ts";
import { floatsOf, toByte } from "./picture.ts";
import { encodePng } from "./png-encoder.ts";
import {
  type BindingSpecification,
  type ComputeSpecification,
  readSpecification,
} from "./specification.ts";

const EMPTY = new Uint8Array();

/** The module `gpu` with its host side. */
export const boundGpu = bind(gpu, {
  compute_shader: async (context, text) => {
    const specification = readSpecification(text);
    const { shaders, indexOf } = await findShaders(context, specification);
    const { resources, inputs } = await prepare(context, specification.bindings);
    const passes = specification.passes.map(
      (pass): GpuPass => ({
        shader: indexOf(pass.shader_name),
        workgroups: pass.dispatch_size,
        bindings: pass.bindings.map((resource, binding) => ({ group: 0, binding, resource })),
        ...(pass.entry !== undefined && { entry: pass.entry }),
      }),
    );
    const job: GpuJob = { shaders, resources, passes };
    const { buffers } = await computeOnGpu(context, job, inputs);
    const outputs = specification.bindings.filter((one) => one.is_out);
    for (const [index, { exchange_buffer_id }] of outputs.entries()) {
      await replace(context.buffers.get(exchange_buffer_id), buffers[index] ?? EMPTY);
    }
    return 0;
  },

  create_image_from_rgba_float_pixels: async (context, width, height, pixels, png) => {
    const floats = await readPixels(context, pixels, width, height, 4);
    const bytes = new Uint8Array(width * height * 4);
    forEachPixel(width, height, (from, to) => writeColour(bytes, to * 4, floats, from * 4));
    await context.buffers.get(png).write(await encodePng(bytes, width, height, 4));
    return 0;
  },

  create_image_from_r_float_pixels: async (context, width, height, pixels, png) => {
    const floats = await readPixels(context, pixels, width, height, 1);
    const bytes = new Uint8Array(width * height);
    forEachPixel(width, height, (from, to) => {
      bytes[to] = toByte(floats[from] ?? 0);
    });
    await context.buffers.get(png).write(await encodePng(bytes, width, height, 1));
    return 0;
  },
});

async function findShaders(
  context: CallContext,
  { passes }: ComputeSpecification,
): Promise<{ readonly shaders: readonly ShaderSource[]; indexOf(name: string): number }> {
  const names = [...new Set(passes.map((pass) => pass.shader_name))];
  const shaders = await Promise.all(
    names.map(async (name) => {
      const image = await context.host.resolveModule(name);
      if (image) return shaderSource(name, image.contentType, image.bytes);
      throw new MocError("MOC_NOT_FOUND", `compute_shader: no shader is registered as '${name}'`);
    }),
  );
  return { shaders, indexOf: (name) => names.indexOf(name) };
}

async function prepare(
  context: CallContext,
  bindings: readonly BindingSpecification[],
): Promise<{ readonly resources: GpuResource[]; readonly inputs: Uint8Array[] }> {
  const resources: GpuResource[] = [];
  const inputs: Uint8Array[] = [];
  for (const [index, binding] of bindings.entries()) {
    const buffer = context.buffers.get(binding.exchange_buffer_id);
    const name = `bindings[${index}]`;
    if (binding.target === "STORAGE") {
      // As in the original, the buffer's content gives the size, and goes in either way.
      const content = (await buffer.read()) ?? EMPTY;
      const input = inputs.push(content) - 1;
      const { length: bytes } = content;
      const output = binding.is_out;
      resources.push({ kind: "buffer", name, bytes, usage: "storage", input, output });
      continue;
    }
    const content = binding.is_in ? ((await buffer.read()) ?? EMPTY) : undefined;
    resources.push({
      kind: "texture",
      name,
      format: binding.target === "TEXTURE_2D_R_FLOAT" ? "r32float" : "rgba32float",
      width: binding.width,
      height: binding.height,
      usage: "storage",
      output: binding.is_out,
      ...(content && { input: inputs.push(content) - 1 }),
    });
  }
  return { resources, inputs };
}

/** Outputs take the place of what the buffer held. */
async function replace(buffer: ExchangeBuffer, bytes: Uint8Array): Promise<void> {
  let left = await buffer.readPart(Number.MAX_SAFE_INTEGER);
  while (left && left.length > 0) left = await buffer.readPart(Number.MAX_SAFE_INTEGER);
  await buffer.write(bytes);
}

async function readPixels(
  context: CallContext,
  id: number,
  width: number,
  height: number,
  channels: number,
): Promise<Float32Array> {
  if (width < 1 || height < 1) {
    throw new MocError("MOC_BAD_REQUEST", `a picture cannot be ${width} x ${height} pixels`);
  }
  const floats = floatsOf((await context.buffers.get(id).read()) ?? EMPTY);
  const wanted = width * height * channels;
  if (floats.length >= wanted) return floats;
  throw new MocError(
    "MOC_BAD_REQUEST",
    `a picture of ${width} x ${height} needs ${wanted} floats, but exchange buffer ${id} holds ${floats.length}`,
  );
}

/**
 * The original reads the pixels column by column, so that what a shader wrote at (x, y) of a square
 * texture appears at (y, x).
 */
function forEachPixel(
  width: number,
  height: number,
  visit: (from: number, to: number) => void,
): void {
  let from = 0;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) visit(from++, y * width + x);
  }
}

/** The original takes colours as multiplied by their opacity; PNG wants them without. */
function writeColour(to: Uint8Array, at: number, from: Float32Array, start: number): void {
  const alpha = toByte(from[start + 3] ?? 0);
  to[at + 3] = alpha;
  for (let channel = 0; channel < 3; channel++) {
    const value = toByte(from[start + channel] ?? 0);
    const plain = alpha === 255 ? value : Math.floor((value * 255) / Math.max(alpha, 1));
    to[at + channel] = alpha === 0 ? 0 : Math.min(plain, 255);
  }
}
