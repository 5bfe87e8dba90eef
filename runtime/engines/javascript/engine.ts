import { MocError } from "../../protocol/errors.ts";
import type { FunctionImage } from "../../protocol/executor-messages.ts";
import type { Engine, EngineEnvironment, LoadedFunction } from "../engine.ts";
import { NO_BUDGET } from "../memory-budget.ts";
import type { MachineLimits } from "./faults.ts";
import { JavaScriptFunction } from "./javascript-function.ts";
import { loadScript, type ScriptSource } from "./load-script.ts";
import { loadPrelude } from "./prelude.ts";
import { preludeImage } from "./prelude-image.ts";
import { STACK_BYTES_MAX } from "./quickjs-wasm.ts";
import { REHEARSALS } from "./rehearsals.ts";
import { SourcePositions } from "./source-positions.ts";

const PAGES_PER_MIB = 16;

/**
 * Runs JavaScript in QuickJS, itself a WebAssembly module: scripts in the original's style (global
 * functions, `requireApi`, blocking calls) and modules in the style of the web (`fetch(request,
 * env, ctx)`). A text is evaluated once; each call starts from the heap that was saved then.
 */
export function createJavaScriptEngine(): Engine {
  return {
    contentTypes: ["text/javascript", "application/javascript", "text/ecmascript"],
    rehearsals: REHEARSALS,
    load,
  };
}

async function load(image: FunctionImage, environment: EngineEnvironment): Promise<LoadedFunction> {
  const limits = machineLimits(image, environment.memory);
  const { streams: streamsText } = await loadPrelude();
  const text = decode(image);
  const file = /\.[cm]?[jt]s$/.test(image.name) ? image.name : `${image.name}.js`;
  const positions = new SourcePositions(file, text);
  const source: ScriptSource = { text, file, positions, streamsText };
  const start = async (withStreams: boolean, log: EngineEnvironment["log"]) => {
    const prelude = await preludeImage(environment.modules, limits.stackBytes, withStreams);
    const script = await loadScript(prelude.image.instantiate(limits), prelude, source, log);
    return { ...script, streams: script.streams || withStreams, table: prelude.table };
  };
  const { table, ...script } = await start(false, environment.log);
  return new JavaScriptFunction({
    script,
    source,
    table,
    limits,
    vars: image.settings.env ?? {},
    shared: image.settings.state === "shared",
    reload: () => start(true, () => undefined),
  });
}

function machineLimits(image: FunctionImage, budget = NO_BUDGET): MachineLimits {
  const { memoryMiB, stackKiB, cpuMs } = image.limits;
  return {
    memoryPages: Math.floor(memoryMiB * PAGES_PER_MIB),
    stackBytes: Math.min(stackKiB * 1024, STACK_BYTES_MAX),
    cpuMs,
    budget,
  };
}

function decode(image: FunctionImage): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(image.bytes);
  } catch (cause) {
    throw new MocError("MOC_GUEST_INVALID", `'${image.name}' is not UTF-8 text`, { cause });
  }
}
