import type { MocError } from "../protocol/errors.ts";
import type { CallMessage, FunctionImage, ResultMessage } from "../protocol/executor-messages.ts";
import type { HostOpName } from "../protocol/host-ops.ts";
import type { LogLevel } from "../protocol/model.ts";
import type { ExecutorStatus } from "../protocol/rest.ts";

/** One call on its way through an executor. */
export interface ExecutorJob {
  readonly message: CallMessage;
  /** Wall time left to the call, in ms from now; Infinity for calls that end with their stream. */
  readonly timeoutMs: number;
  /** The call has left its queue. */
  started(): void;
  /** Serves what the guest asks of the host. Rejections are MocErrors. */
  serve(name: HostOpName, args: readonly unknown[]): Promise<unknown>;
  log(level: LogLevel, text: string): void;
}

/** What the platform needs of the machinery that runs guests. Implemented by executor/pool.ts. */
export interface Executors {
  /**
   * Runs a call in an executor of this version of the function.
   * @throws MocError MOC_TOO_MANY, MOC_GUEST_INVALID…, MOC_LIMIT_*, MOC_EXECUTOR_LOST
   */
  run(image: FunctionImage, job: ExecutorJob): Promise<ResultMessage>;
  /** Gives up a running or waiting call. */
  cancel(call: number, error: MocError): void;
  /** Whether an executor of this version can take a call at once, or could not be loaded. */
  isInUse(image: FunctionImage): boolean;
  /**
   * Loads a version ahead of its first call. Answers why it cannot be, if so.
   * @param keep false: it is only tried out, under an image that no call will have
   */
  prepare(image: FunctionImage, keep: boolean): Promise<MocError | undefined>;
  /**
   * A name moved: executors of its earlier versions, and those linked with it, are not to be used
   * for new calls.
   * @param current the version that it has now, if its image is known
   */
  nameMoved(name: string, current?: FunctionImage): void;
  status(): readonly ExecutorStatus[];
  close(): Promise<void>;
}
