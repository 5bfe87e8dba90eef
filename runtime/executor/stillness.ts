/** For how long an executor has computed within one turn, as far as somebody has looked. */
export class Stillness {
  readonly #computedMs: () => number;
  #turns: number | undefined;
  #from: number | undefined;

  /** @param computedMs a clock that runs while the executor computes */
  constructor(computedMs: () => number) {
    this.#computedMs = computedMs;
  }

  /**
   * Computed since this was first called with the same number of turns, in ms. The clock is looked at
   * from the second time on: an executor that goes from call to call costs no look at all.
   */
  ms(turns: number): number {
    if (turns !== this.#turns) {
      this.#turns = turns;
      this.#from = undefined;
      return 0;
    }
    const now = this.#computedMs();
    this.#from ??= now;
    return now - this.#from;
  }

  /** It has given way. */
  reset(): void {
    this.#turns = undefined;
  }
}
