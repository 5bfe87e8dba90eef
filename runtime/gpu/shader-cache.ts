import { createHash } from "node:crypto";
import type { MocError } from "../protocol/errors.ts";
import type { ShaderBinding, ShaderEntry, ShaderShape, ShaderSource } from "../protocol/gpu.ts";
import { invalid, translateGlsl } from "./glsl.ts";
import { writtenPixelByPixel } from "./needless-workgroups.ts";
import { reflectShader } from "./reflect.ts";
import { findFunction } from "./source-search.ts";

/** Shaders kept; the least recently used one goes. */
const KEPT_SHADERS = 256;

/** A shader that compiled, with its pipelines. */
export interface CompiledShader {
  readonly source: ShaderSource;
  readonly module: GPUShaderModule;
  readonly shape: ShaderShape;
  readonly pipelines: Map<string, GPUComputePipeline>;
  /** Invocations outside of this texture have no effect. */
  readonly boundedBy: ShaderBinding | undefined;
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
    const key = createHash("sha256")
      .update(`${source.language}\n${source.name}\n${source.text}`)
      .digest("base64");
    const kept = this.#shaders.get(key);
    const shader = kept ?? (await this.#compile(source));
    this.#shaders.delete(key);
    this.#shaders.set(key, shader);
    for (const oldest of this.#shaders.keys()) {
      if (this.#shaders.size <= KEPT_SHADERS) break;
      this.#shaders.delete(oldest);
    }
    return shader;
  }

  async #compile(source: ShaderSource): Promise<CompiledShader> {
    const wgsl = source.language === "glsl" ? await translateGlsl(source) : source.text;
    // The messages say it all; the scope keeps the device from reporting it once more.
    this.#device.pushErrorScope("validation");
    const module = this.#device.createShaderModule({ code: wgsl });
    const { messages } = await module.getCompilationInfo();
    const refused = await this.#device.popErrorScope();
    const failure = messages.find((message) => message.type === "error");
    if (failure) throw compileError(source, wgsl, failure);
    if (refused) throw invalid(source, refused.message, { line: 1, column: 1 });
    const warnings = messages.map((one) => `${one.lineNum}:${one.linePos} ${one.message}`);
    const shape = {
      ...reflectShader(wgsl, source),
      // Those of a translation speak of a text that nobody wrote.
      warnings: source.language === "wgsl" ? warnings : [],
    };
    const boundedBy =
      source.language === "glsl" ? writtenPixelByPixel(wgsl, shape.bindings) : undefined;
    return { source, module, shape, pipelines: new Map(), boundedBy };
  }

  /**
   * @param bindings which of the shader's bindings the pass fills
   * @param filterable bindings of textures that a sampler may interpolate
   * @throws MOC_SHADER_INVALID when the shader and the device do not fit
   */
  async pipeline(
    shader: CompiledShader,
    entry: ShaderEntry,
    bindings: readonly ShaderBinding[],
    filterable: ReadonlySet<ShaderBinding>,
  ): Promise<GPUComputePipeline> {
    const marks = bindings.map((one) => `${one.group}.${one.binding}${filterable.has(one)}`);
    const key = `${entry.name} ${marks.join()}`;
    const kept = shader.pipelines.get(key);
    if (kept) return kept;
    const pipeline = await this.#createPipeline(shader, entry, bindings, filterable);
    shader.pipelines.set(key, pipeline);
    return pipeline;
  }

  async #createPipeline(
    shader: CompiledShader,
    entry: ShaderEntry,
    bindings: readonly ShaderBinding[],
    filterable: ReadonlySet<ShaderBinding>,
  ): Promise<GPUComputePipeline> {
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
        compute: { module: shader.module, entryPoint: entry.name },
      })
      .catch((error: Error) => error);
    const refused = await this.#device.popErrorScope();
    const pipeline = await created;
    if (!(pipeline instanceof Error)) return pipeline;
    const { source } = shader;
    const place = findFunction(source.text, entry.name) ?? { line: 1, column: 1 };
    throw invalid(source, (refused ?? pipeline).message, place, pipeline);
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

/** For GLSL the message speaks of the translation: the function it stands in is all we can map. */
function compileError(
  source: ShaderSource,
  wgsl: string,
  message: GPUCompilationMessage,
): MocError {
  if (source.language === "wgsl") {
    const place = { line: Math.max(message.lineNum, 1), column: Math.max(message.linePos, 1) };
    return invalid(source, message.message, place);
  }
  const before = wgsl.split("\n").slice(0, message.lineNum).reverse();
  const name = before.map((line) => /^fn (\w+?)(?:_\d*|_u0028.*)?\(/.exec(line)?.[1]).find(Boolean);
  const place = findFunction(source.text, name ?? "main") ?? { line: 1, column: 1 };
  return invalid(source, `refused after translation for WebGPU: ${message.message}`, place);
}
