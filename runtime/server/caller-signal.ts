import type { CallerSignal } from "../core/call.ts";
import type { MocError } from "../protocol/errors.ts";

/** An abort signal without an event target: one is made for each request, and few are ever fired. */
export class CallerLeft implements CallerSignal {
  #reason: MocError | undefined;
  #listeners: readonly (() => void)[] = NONE;

  get aborted(): boolean {
    return this.#reason !== undefined;
  }

  get reason(): MocError | undefined {
    return this.#reason;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners = this.#listeners === NONE ? [listener] : [...this.#listeners, listener];
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const others = this.#listeners.filter((one) => one !== listener);
    this.#listeners = others.length === 0 ? NONE : others;
  }

  /** Tells the listeners, once. */
  abort(reason: MocError): void {
    if (this.#reason) return;
    this.#reason = reason;
    for (const listener of this.#listeners) listener();
  }
}

const NONE: readonly (() => void)[] = [];
