import type { CallContext } from "../../guest-api/call-context.ts";
import { type ErrorCode, MocError } from "../../protocol/errors.ts";
import type { WasiProcess } from "./wasi/process.ts";

/** Failures of a host function that end the guest, whatever it would do with an error value. */
const ENDING: ReadonlySet<ErrorCode> = new Set([
  "MOC_LIMIT_DEPTH",
  "MOC_LIMIT_CALLS",
  "MOC_LIMIT_BUFFERS",
  "MOC_LIMIT_RESPONSE",
  "MOC_CANCELLED",
  "MOC_STOPPING",
  "MOC_EXECUTOR_LOST",
]);

/** Something that a call holds and lets go of when it ends. */
interface HeldByCall {
  release(healthy: boolean): void;
}

/** What the instances that serve one call share. Start-up code runs in one without a context. */
export class GuestCall {
  readonly context: CallContext | undefined;
  /** Instances of linked modules, by module. */
  readonly held = new Map<object, HeldByCall>();
  readonly #makeProcess: () => WasiProcess;
  #process: WasiProcess | undefined;
  #failure: MocError | undefined;
  #giveUp: ((reason: unknown) => void) | undefined;
  #listening: (() => void) | undefined;

  constructor(context: CallContext | undefined, makeProcess: () => WasiProcess) {
    this.context = context;
    this.#makeProcess = makeProcess;
  }

  /** What the guest sees through WASI; made when it looks. */
  get process(): WasiProcess {
    if (this.#process) return this.#process;
    this.#process = this.#makeProcess();
    this.#process.wait = (promise) => this.wait(promise);
    return this.#process;
  }

  /** Sends on what the guest left in its streams, if it used any. */
  closeProcess(): void | Promise<void> {
    return this.#process?.close();
  }

  /** Why the guest was ended; it may have caught the exception that should have ended it. */
  get failure(): MocError | undefined {
    return this.#failure;
  }

  /** Ends the guest. */
  end(error: MocError): never {
    this.#failure ??= error;
    throw this.#failure;
  }

  /** Ends a guest that goes on after it was ended. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Whether a failed host function ends the guest, rather than giving it a failure value. */
  endsWith(error: MocError): boolean {
    return this.#failure !== undefined || ENDING.has(error.code);
  }

  /**
   * Waits for the host, or until the call is over. A guest waits for one thing at a time, and can
   * only learn of the end of its call while it waits: nothing else runs meanwhile.
   */
  wait<T>(promise: Promise<T>): Promise<T> {
    const signal = this.context?.signal;
    if (!signal) return promise;
    if (!this.#listening) {
      this.#listening = () => {
        this.#failure ??= MocError.from(signal.reason);
        this.#giveUp?.(this.#failure);
      };
      signal.addEventListener("abort", this.#listening);
      if (signal.aborted) this.#listening();
    }
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      promise.then(resolve, reject);
      if (this.#failure) reject(this.#failure);
    });
  }

  /** Lets go of what the call held. `healthy`: its guests ended as guests should. */
  finish(healthy: boolean): void {
    for (const one of this.held.values()) one.release(healthy);
    this.held.clear();
    if (this.#listening) this.context?.signal.removeEventListener("abort", this.#listening);
    this.#giveUp = undefined;
  }
}
