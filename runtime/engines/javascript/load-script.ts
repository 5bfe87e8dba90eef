import { MocError } from "../../protocol/errors.ts";
import type { LogLevel } from "../../protocol/model.ts";
import type { EngineEnvironment } from "../engine.ts";
import type { CallArguments } from "./call-arguments.ts";
import { OP } from "./guest/ops.ts";
import { HeapImage } from "./heap-image.ts";
import type { GuestFailure, Host, HostValue } from "./host-value.ts";
import type { Machine } from "./machine.ts";
import type { PreludeImage } from "./prelude-image.ts";
import { isPure, PureOperations } from "./pure-operations.ts";
import { EVAL, type Pointer, PROMISE } from "./quickjs-abi.ts";
import type { SourcePositions } from "./source-positions.ts";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** How a user's text is to be evaluated and entered. */
type Style = "script" | "module";

export interface LoadedScript {
  readonly image: HeapImage;
  readonly style: Style;
  /** The script looked at streams while it was loaded, so they lie in the image. */
  readonly streams: boolean;
}

/** A user's text on its way into a heap. */
export interface ScriptSource {
  readonly text: string;
  /** Name in stack traces. */
  readonly file: string;
  readonly positions: SourcePositions;
  readonly streamsText: string;
}

/**
 * Evaluates a user's text once, in a machine made from the prelude's heap, and saves what came of
 * it. It is a script if it can be compiled as one, otherwise a module (`import`, `export`,
 * `import.meta` and `await` at top level are what scripts cannot have).
 * @throws MOC_GUEST_INVALID, MOC_GUEST_LINK, MOC_LIMIT_*
 */
export async function loadScript(
  machine: Machine,
  prelude: PreludeImage,
  source: ScriptSource,
  log: EngineEnvironment["log"],
): Promise<LoadedScript> {
  try {
    return await evaluate(machine, prelude, source, log);
  } finally {
    machine.drop();
  }
}

async function evaluate(
  machine: Machine,
  prelude: PreludeImage,
  source: ScriptSource,
  log: EngineEnvironment["log"],
): Promise<LoadedScript> {
  const host = new LoadingHost(machine, source.streamsText, log);
  machine.host = host;
  const scriptError = await compileAsScript(machine, source);
  const style: Style = scriptError ? "module" : "script";
  const flags = scriptError ? EVAL.MODULE : EVAL.SCRIPT;
  const result = await machine.evaluate(source.text, source.file, flags);
  if (machine.isException(result)) {
    const failure = machine.describe(result);
    throw source.positions.explainLoading(meant(failure, scriptError, source.text));
  }
  await machine.runJobs(() => false);
  if (style === "module") adopt(machine, result, source.positions);
  machine.freeValue(result);
  if (machine.fault) throw machine.fault;
  return { image: HeapImage.of(machine, prelude.image.randomState), style, streams: host.streams };
}

/**
 * Why a text is no script; undefined if it is one. Modules cannot be compiled alone: the C interface
 * looks at a variable that it has not set then.
 */
async function compileAsScript(
  machine: Machine,
  source: ScriptSource,
): Promise<GuestFailure | undefined> {
  const flags = EVAL.SCRIPT | EVAL.COMPILE_ONLY;
  const compiled = await machine.evaluate(source.text, source.file, flags);
  if (machine.isException(compiled)) return machine.describe(compiled);
  machine.freeValue(compiled);
  return undefined;
}

/** Of a text that is neither script nor module: the error of what its author seems to have meant. */
function meant(
  failure: GuestFailure,
  scriptError: GuestFailure | undefined,
  text: string,
): GuestFailure {
  if (!scriptError || failure.name !== "SyntaxError") return failure;
  return /^\s*(import|export)\b/m.test(text) ? failure : scriptError;
}

/** Hands the module's namespace to the prelude, once its top level is through. */
function adopt(machine: Machine, result: Pointer, positions: SourcePositions): void {
  const { quickjs, context, internals } = machine;
  if (!internals) throw new TypeError("the machine has no prelude");
  const state = quickjs.promiseState(context, result);
  if (state === PROMISE.PENDING) {
    throw new MocError(
      "MOC_GUEST_INVALID",
      "the module waits at its top level for something that only happens during a call; move the await into a function",
    );
  }
  if (state === PROMISE.REJECTED) {
    const error = machine.describeValue(quickjs.promiseResult(context, result));
    throw positions.explainLoading(error);
  }
  const namespace = state === PROMISE.FULFILLED ? quickjs.promiseResult(context, result) : result;
  machine.adopt(internals.adopt, namespace);
  if (namespace !== result) machine.freeValue(namespace);
}

/** What a script may do while it is loaded: everything that needs no call. */
class LoadingHost implements Host {
  streams = false;
  readonly #pure = new PureOperations();
  readonly #machine: Machine;
  readonly #streamsText: string;
  readonly #log: EngineEnvironment["log"];

  constructor(machine: Machine, streamsText: string, log: EngineEnvironment["log"]) {
    this.#machine = machine;
    this.#streamsText = streamsText;
    this.#log = log;
  }

  answer(operation: number, args: CallArguments): HostValue {
    if (isPure(operation)) return this.#pure.answer(operation, args);
    if (operation === OP.LOG) {
      this.#log(LEVELS[args.integer(0)] ?? "info", args.text(1));
      return undefined;
    }
    if (operation === OP.LOAD_STREAMS) {
      this.streams = true;
      this.#machine.evaluateNested(this.#streamsText, "moc:prelude");
      return undefined;
    }
    throw new MocError(
      "MOC_BAD_REQUEST",
      "the guest API, fetch and timers work only during a call, not while the script is loaded",
    );
  }
}
