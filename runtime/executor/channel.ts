import type { FromExecutor, ToExecutor } from "../protocol/executor-messages.ts";

/** What a channel tells the host about its executor. */
export interface ChannelEvents {
  message(message: FromExecutor): void;
  /** The executor is gone, whether asked to or not. */
  ended(reason: string): void;
}

/**
 * The way between the host and one executor: plain data and bytes, in order. A thread today; a
 * process, a micro-VM or another machine later.
 */
export interface ExecutorChannel {
  send(message: ToExecutor): void;
  /** Ends the executor at once, whatever it does. */
  terminate(): Promise<void>;
  /**
   * Id of the call whose guest code ran last, and the newest call that was begun: to name the
   * culprit when the executor does not answer any more. 0: none yet.
   */
  progress(): { readonly current: number; readonly begun: number };
}

export type OpenChannel = (events: ChannelEvents) => ExecutorChannel;
