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
  /** How far the executor is, known even while it does not answer. */
  progress(): Progress;
  /**
   * For how long it has computed, in ms, known likewise. Only the difference of two answers means
   * something; time that it waited for a processor counts less, or not at all.
   */
  computedMs(): number;
  /**
   * Begins to debug the executor by V8's inspector protocol.
   * @throws MocError MOC_INTERNAL: what runs it has no inspector
   */
  inspect(events: InspectionEvents): Promise<Inspection>;
}

/** What an executor's inspector says: JSON texts of its protocol, and that it is gone. */
export interface InspectionEvents {
  message(text: string): void;
  ended(): void;
}

/** One debugger's connection to an executor. */
export interface Inspection {
  send(text: string): void;
  /** Lets go of it: what stands at a breakpoint goes on. */
  close(): void;
}

/** How far an executor is, readable although its thread does not answer. */
export interface Progress {
  /** Id of the call whose guest code was entered last; 0: none yet. */
  readonly current: number;
  /** How many calls were begun, in the order in which they were sent. Wraps round at 2^31. */
  readonly begun: number;
  /** How often guest code was entered: while it stands still, one call computes. Wraps likewise. */
  readonly turns: number;
}

/** Starts an executor and answers the way to it; its first message says that it is ready. */
export type OpenChannel = (events: ChannelEvents) => ExecutorChannel;
