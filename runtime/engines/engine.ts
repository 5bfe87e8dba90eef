import type { CallContext } from "../guest-api/call-context.ts";
import type { BoundModule } from "../guest-api/define.ts";
import type { FunctionImage } from "../protocol/executor-messages.ts";
import type { ModuleImage } from "../protocol/host-ops.ts";
import type { CallMode, LogLevel } from "../protocol/model.ts";
import type { MemoryBudget } from "./memory-budget.ts";

/** How a call enters the guest. */
export interface CallEntry {
  /** Empty: the function's own default (`_start`, `handle`, `default.fetch`…). */
  readonly startFunction: string;
  /** undefined: what the guest's shape asks for. */
  readonly mode: CallMode | undefined;
  readonly arguments: readonly number[];
  readonly posixFileName: string;
  readonly posixArguments: readonly string[];
}

/** How a call ended whose guest came to its end; what it wrote lies in its buffers. */
export interface CallOutcome {
  /** What the start function returned (posix: the exit code). */
  readonly result: number;
  /** `result` is a program's exit code: never taken for an http status. */
  readonly exited?: boolean;
  /** Linear memory of the instance at the end, in bytes. */
  readonly memoryBytes: number;
}

/** What an engine may use while it loads a function. */
export interface EngineEnvironment {
  readonly modules: readonly BoundModule[];
  /** Absent: guests share memory with nobody. */
  readonly memory?: MemoryBudget | undefined;
  /** The function registered under a name, for automatic module binding. */
  resolveModule(name: string): Promise<ModuleImage | undefined>;
  /** Output of start-up code, before any call. */
  log(level: LogLevel, text: string): void;
}

/** One version of a function, ready to be called many times, at once. */
export interface LoadedFunction {
  /** Names of the functions it is linked with: when one of them moves, it must be loaded anew. */
  readonly links: readonly string[];
  /** Bytes that it holds while idle. */
  memoryBytes(): number;
  /**
   * Runs one call from pristine state.
   * @throws MocError MOC_GUEST_* or MOC_LIMIT_*: the guest's failure
   */
  run(context: CallContext, entry: CallEntry): Promise<CallOutcome>;
  close(): void;
}

/** Runs guests of some content types, within an executor. */
export interface Engine {
  readonly contentTypes: readonly string[];
  /**
   * Small functions that a spare executor runs before it has one: what they make V8 compile need
   * not be compiled while somebody's first call waits.
   */
  readonly rehearsals?: readonly FunctionImage[];
  /**
   * @throws MocError MOC_GUEST_INVALID, MOC_GUEST_LINK
   */
  load(image: FunctionImage, environment: EngineEnvironment): Promise<LoadedFunction>;
}
