const WINDOW_MS = 1000;

/** Lets so many through in each second; what is beyond is refused. */
export class RateGate {
  readonly #perSecond: number;
  #windowEnd = 0;
  #left = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** @param now of a clock in ms that only goes forward */
  admits(now: number): boolean {
    if (now >= this.#windowEnd) {
      this.#windowEnd = now + WINDOW_MS;
      this.#left = this.#perSecond;
    }
    return this.#left-- > 0;
  }
}
