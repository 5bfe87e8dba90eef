/** Helpers of this engine's tests: guests from text and C, loaded and called for real. */
import createWabt from "wabt";
import { boundCore } from "../../guest-api/core/handlers.ts";
import {
  makeTestContext,
  type TestContext,
  type TestContextOptions,
} from "../../guest-api/testing.ts";
import { type FunctionLimits, resolveLimits } from "../../protocol/limits.ts";
import type { CallMode, FunctionSettings } from "../../protocol/model.ts";
import type { CallEntry, CallOutcome, LoadedFunction } from "../engine.ts";
import { createWasmEngine } from "./engine.ts";

const wabt = createWabt();

/** Assembles a module, with all proposals that the engine knows, names kept. */
export async function wat(text: string): Promise<Uint8Array> {
  const tools = await wabt;
  const module = tools.parseWat("test.wat", text, {
    exceptions: true,
    tail_call: true,
    threads: true,
    mutable_globals: true,
    reference_types: true,
    simd: true,
    bulk_memory: true,
  });
  try {
    return new Uint8Array(module.toBinary({ write_debug_names: true }).buffer);
  } finally {
    module.destroy();
  }
}

/** Compiles a C program or, with `-mexec-model=reactor`, a reactor for WASI. */
export async function compileC(source: string, ...options: string[]): Promise<Uint8Array> {
  const { commands, runLLVM } = await import("@yowasp/clang");
  const quiet = { fetchProgress: () => undefined };
  await runLLVM(undefined, {}, quiet);
  const args = ["-O1", "-o", "out.wasm", "main.c", ...options];
  const files = await commands.clang(
    args,
    { "main.c": source },
    { fetchProgress: () => undefined },
  );
  const output = files?.["out.wasm"];
  if (!(output instanceof Uint8Array)) throw new Error("the C compiler made no module");
  return output;
}

/** How a guest is deployed in a test. */
interface LoadOptions {
  readonly settings?: FunctionSettings;
  readonly limits?: Partial<FunctionLimits>;
  /** Modules registered under names, as text. */
  readonly registered?: Readonly<Record<string, string>>;
  readonly log?: (text: string) => void;
}

/** Loads a module, given as text or bytes, into a new engine with the core module. */
export async function load(
  source: string | Uint8Array,
  options: LoadOptions = {},
): Promise<LoadedFunction> {
  const { registered = {} } = options;
  const image = {
    name: "test",
    techID: "0".repeat(64),
    contentType: "application/wasm",
    bytes: typeof source === "string" ? await wat(source) : source,
    settings: options.settings ?? {},
    limits: resolveLimits(options.limits),
  };
  return createWasmEngine().load(image, {
    modules: [boundCore],
    log: (_, text) => options.log?.(text),
    async resolveModule(name) {
      const text = registered[name];
      if (text === undefined) return undefined;
      return { name, techID: name, contentType: "application/wasm", bytes: await wat(text) };
    },
  });
}

/** What a test calls a guest with. */
interface CallOptions extends TestContextOptions {
  readonly start?: string;
  readonly mode?: CallMode;
  readonly args?: readonly number[];
  readonly posixFileName?: string;
  readonly posixArguments?: readonly string[];
}

/** How a call ended, and the context in which it left its output and log. */
interface CallResult extends CallOutcome {
  readonly context: TestContext;
}

/** Calls a loaded function in a new context. */
export async function call(loaded: LoadedFunction, options: CallOptions = {}): Promise<CallResult> {
  const context = makeTestContext(options);
  return { ...(await loaded.run(context, toEntry(options))), context };
}

/** The way into the guest that the options describe. */
export function toEntry(options: CallOptions): CallEntry {
  return {
    startFunction: options.start ?? "",
    mode: options.mode,
    arguments: options.args ?? [],
    posixFileName: options.posixFileName ?? "",
    posixArguments: options.posixArguments ?? [],
  };
}

/** The code of the MocError that something fails with. */
export async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code === "string") return code;
    throw error;
  }
  return "none";
}
