import type { FunctionImage } from "../protocol/executor-messages.ts";
import type { Headers } from "../protocol/host-ops.ts";
import type { CallMode, CallReport } from "../protocol/model.ts";
import type { HostStream, OutputSink } from "./host-stream.ts";

/** All that is needed to run a function once. */
export interface CallStart {
  /** Name of a function or `techID://…`. */
  readonly name: string;
  /** Empty: as deployed, else the engine's default. */
  readonly startFunction: string;
  readonly mode?: CallMode | undefined;
  readonly arguments?: readonly number[];
  readonly posixFileName?: string;
  readonly posixArguments?: readonly string[];
  readonly headers: Headers;
  /** The input, whole… */
  readonly body?: Uint8Array | undefined;
  /** …or as it comes. */
  readonly stream?: HostStream | undefined;
  /** Takes the beginning of a long answer; absent: the whole answer comes with the end. */
  readonly sink?: OutputSink | undefined;
  /** The output is a message stream (websocket). */
  readonly outputStream?: HostStream | undefined;
  /** Headers that filters have set on the output so far. */
  readonly outputHeaders?: Headers | undefined;
  readonly trigger: CallReport["trigger"];
  readonly target?: string;
  readonly parent?: ParentCall;
  readonly timeoutMs?: number | undefined;
  /** Aborted when the caller has gone. */
  readonly signal?: CallerSignal | undefined;
}

/** What a call needs of an AbortSignal. */
export interface CallerSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

interface ParentCall {
  readonly id: number;
  readonly depth: number;
  /** It has the `platform` capability itself. */
  readonly platform: boolean;
}

/** What a call made, when it has ended. */
export interface CallEnd {
  readonly id: number;
  readonly result: number;
  /** `result` is a program's exit code. */
  readonly exited: boolean;
  /** Explicit status, if the guest set one. */
  readonly status?: number | undefined;
  readonly headers: Headers;
  /** The answer, or what of it was not sent through the sink. */
  readonly body: Uint8Array;
  /** The sink was started: status and headers have gone out already. */
  readonly started: boolean;
  /** The guest closed its output (a filter that ends the request). */
  readonly closed: boolean;
  /** Headers that the guest wrote onto its input (a filter that changes the request). */
  readonly inputHeaders?: Headers | undefined;
}

/** Runs functions. Implemented by core/calls.ts over the executors; asked by server and host ops. */
export interface CallRunner {
  /**
   * @throws MocError what the guest or its limits did wrong; the report is kept all the same
   */
  run(start: CallStart): Promise<CallEnd>;
}

/** Whether the function was deployed with the `platform` capability. */
export function mayChangePlatform(image: FunctionImage): boolean {
  return image.settings.capabilities?.includes("platform") ?? false;
}

/** http status of a finished call: explicit, else a result of 100..599, else 200. */
export function statusOf(end: Pick<CallEnd, "status" | "result" | "exited">): number {
  if (end.status !== undefined) return end.status;
  if (end.exited) return 200;
  return end.result >= 100 && end.result <= 599 ? end.result : 200;
}
