/** Over how many calls it is averaged. */
const COUNTED = 32;

/**
 * For how long a call keeps an executor from the next. Calls that only wait hold up nobody: what
 * counts is how soon one result follows the other.
 */
export class ServiceTime {
  #ms = 0;
  #since = 0;

  /** In ms. */
  get ms(): number {
    return this.#ms;
  }

  /** Another function has other calls. */
  reset(): void {
    this.#ms = 0;
  }

  /** A call begins where there was none. */
  begin(now: number): void {
    this.#since = now;
  }

  /** A call has its result. */
  end(): void {
    const now = performance.now();
    this.#ms += (now - this.#since - this.#ms) / COUNTED;
    this.#since = now;
  }
}
