import type { CallContext } from "../../guest-api/call-context.ts";
import { computeOnGpu, inspectShader, shaderSource } from "../../guest-api/gpu/ask.ts";
import { MemoryBuffer } from "../../guest-api/memory-buffer.ts";
import type { FunctionImage } from "../../protocol/executor-messages.ts";
import { SHADER_CONTENT_TYPES, type ShaderShape, type ShaderSource } from "../../protocol/gpu.ts";
import { releaseBytes } from "../../protocol/release-bytes.ts";
import type { CallEntry, CallOutcome, Engine, LoadedFunction } from "../engine.ts";
import type { PlannedShader } from "./bindings.ts";
import { readDeclaration, type ShaderDeclaration } from "./declaration.ts";
import { type Plan, planJob } from "./plan.ts";
import { readRequest } from "./request.ts";
import { encodeResult, type Output } from "./result.ts";
import { Scope } from "./scope.ts";

/** Runs compute shaders as functions: a request becomes a GPU job, its result the answer. */
export function createShaderEngine(): Engine {
  return {
    contentTypes: Object.keys(SHADER_CONTENT_TYPES),
    async load(image) {
      const source = shaderSource(fileName(image), image.contentType, image.bytes);
      return new LoadedShader(
        source,
        readDeclaration(image.settings.shader, source.text, source.name),
      );
    },
  };
}

/** What compile errors call the source: the function's name and the usual ending. */
function fileName(image: FunctionImage): string {
  const language = SHADER_CONTENT_TYPES[image.contentType.split(";")[0]?.trim() ?? ""];
  return `${image.name}.${language ?? "glsl"}`;
}

class LoadedShader implements LoadedFunction {
  readonly links: readonly string[] = [];
  readonly #source: ShaderSource;
  readonly #declaration: ShaderDeclaration;
  #shape: ShaderShape | undefined;

  constructor(source: ShaderSource, declaration: ShaderDeclaration) {
    this.#source = source;
    this.#declaration = declaration;
  }

  memoryBytes(): number {
    return this.#source.text.length;
  }

  async run(context: CallContext, entry: CallEntry): Promise<CallOutcome> {
    const shader = await this.#inspected(context);
    const request = await readRequest(context);
    const scope = new Scope(request, this.#declaration);
    const plan = await planned(context, () => planJob(shader, request, scope, entry.startFunction));
    const { report, buffers } = await computeOnGpu(context, plan.job, plan.inputs);
    const outputs: Output[] = plan.outputs.flatMap((binding) => {
      const index = report.results.findIndex((one) => one.name === binding.name);
      const shape = report.results[index];
      const bytes = buffers[index];
      return shape && bytes ? [{ binding, shape, bytes }] : [];
    });
    const memoryBytes = buffers.reduce((sum, one) => sum + one.length, 0);
    const declared = this.#declaration.result ?? {};
    const result = await encodeResult(outputs, plan.form, declared, scope);
    const output = context.buffers.get(context.output);
    output.headers.set("content-type", result.contentType);
    output.headers.set("vary", "accept");
    const { total, dispatch } = report.timings;
    const adapter = report.adapter.replace(/[^\w .()-]/g, "");
    output.headers.set(
      "server-timing",
      `gpu;dur=${total.toFixed(2)};desc="${adapter}", dispatch;dur=${dispatch.toFixed(3)}`,
    );
    // It is whole: with the end of the call it is moved to the host, in one piece.
    if (output instanceof MemoryBuffer) output.replace(result.bytes);
    else await output.write(result.bytes);
    for (const one of buffers) if (one !== result.bytes) releaseBytes(one);
    return { result: 200, memoryBytes };
  }

  /** The first call finds out what the shader looks like; its warnings go to the log once. */
  async #inspected(context: CallContext): Promise<PlannedShader> {
    if (!this.#shape) {
      this.#shape = await inspectShader(context, this.#source);
      for (const warning of this.#shape.warnings) {
        context.log("warn", `${this.#source.name}:${warning}`);
      }
    }
    return { source: this.#source, shape: this.#shape, declaration: this.#declaration };
  }

  close(): void {
    // All that it holds is text.
  }
}

/** A body that stayed with the host is read all the same: unread it would cost its connection. */
async function planned(context: CallContext, make: () => Plan): Promise<Plan> {
  try {
    return make();
  } catch (error) {
    const input = context.buffers.get(context.input);
    while (!input.messages && (await input.readPart(Number.MAX_SAFE_INTEGER))) {
      // Thrown away.
    }
    throw error;
  }
}
