import { MocError } from "../protocol/errors.ts";
import type { ShaderBinding, ShaderProblem, ShaderShape, ShaderSource } from "../protocol/gpu.ts";
import { translateGlsl } from "./glsl.ts";
import { writtenPixelByPixel } from "./needless-workgroups.ts";
import type { ShaderFindings } from "./process-messages.ts";
import { reflectShader } from "./reflect.ts";
import { plainMessage, problemAt, problemOf } from "./shader-problem.ts";
import { findFunction, type Place } from "./source-search.ts";

/** A shader that compiled, with its pipelines. */
export interface CompiledShader {
  readonly source: ShaderSource;
  readonly module: GPUShaderModule;
  readonly shape: ShaderShape;
  readonly warnings: readonly ShaderProblem[];
  readonly pipelines: Map<string, GPUComputePipeline>;
  /** Invocations outside of this texture have no effect. */
  readonly boundedBy: ShaderBinding | undefined;
}

/** Translates, compiles and reflects; answers all that is wrong when something is. */
export async function compileShader(
  device: GPUDevice,
  source: ShaderSource,
): Promise<CompiledShader | ShaderFindings> {
  const translation =
    source.language === "glsl" ? await translateGlsl(source) : { wgsl: source.text };
  if ("problems" in translation) return translation;
  const { wgsl } = translation;
  // The messages say it all; the scope keeps the device from reporting it once more.
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ code: wgsl });
  const [{ messages }, refused] = await Promise.all([
    module.getCompilationInfo(),
    device.popErrorScope(),
  ]);
  const problems = messages.flatMap((one) => messageProblem(source, wgsl, one) ?? []);
  if (problems.some((one) => one.severity === "error")) return { problems };
  if (refused) return { problems: [...problems, problemAt(undefined, plainMessage(refused))] };
  try {
    const texts = problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
    const shape = { ...reflectShader(wgsl, source), warnings: texts };
    const boundedBy =
      source.language === "glsl" ? writtenPixelByPixel(wgsl, shape.bindings) : undefined;
    return { source, module, shape, warnings: problems, pipelines: new Map(), boundedBy };
  } catch (error) {
    return { problems: [...problems, problemOf(MocError.from(error))] };
  }
}

/** Warnings of a translation speak of a text that nobody wrote: they are left out. */
function messageProblem(
  source: ShaderSource,
  wgsl: string,
  { type, message, lineNum, linePos }: GPUCompilationMessage,
): ShaderProblem | undefined {
  if (type === "info") return undefined;
  const severity = type;
  if (source.language === "wgsl") {
    return { ...problemAt({ line: lineNum, column: linePos }, message), severity };
  }
  if (severity === "warning") return undefined;
  const text = `refused after translation for WebGPU: ${message}`;
  return problemAt(placeInGlsl(source.text, wgsl, lineNum), text);
}

/** The function that a line of the translation stands in is all that can be mapped. */
function placeInGlsl(glsl: string, wgsl: string, line: number): Place | undefined {
  const before = wgsl.split("\n").slice(0, line).reverse();
  const name = before.map((one) => /^fn (\w+?)(?:_\d*|_u0028.*)?\(/.exec(one)?.[1]).find(Boolean);
  return findFunction(glsl, name ?? "main");
}
