import { threadComputedMs } from "../thread-time.ts";

/**
 * How long a guest computes without giving way. Only what was computed counts: the clock also runs
 * while the thread waits for a processor.
 */
export class ComputingTime {
  readonly #maxMs: number;
  #deadline = Number.POSITIVE_INFINITY;
  /** What the thread had computed when the guest was first seen computing in this turn, in ms. */
  #before: number | undefined;

  constructor(maxMs: number) {
    this.#maxMs = maxMs;
  }

  /** The guest has given way, or is about to start. */
  restart(): void {
    this.#before = undefined;
    this.#deadline = performance.now() + this.#maxMs;
  }

  /** To be asked now and then while the guest computes. */
  isOver(): boolean {
    this.#before ??= threadComputedMs();
    const now = performance.now();
    if (now <= this.#deadline) return false;
    const left = this.#maxMs - (threadComputedMs() - this.#before);
    this.#deadline = now + Math.max(0, left);
    return left <= 0;
  }
}
