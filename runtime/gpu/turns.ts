/** A fixed number of numbered places, given out in the order of asking. */
export class Turns {
  readonly #free: number[];
  readonly #waiting: ((turn: number) => void)[] = [];

  constructor(count: number) {
    this.#free = Array.from({ length: count }, (_, index) => index);
  }

  take(): Promise<number> {
    const free = this.#free.pop();
    if (free !== undefined) return Promise.resolve(free);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(turn: number): void {
    const next = this.#waiting.shift();
    if (next) next(turn);
    else this.#free.push(turn);
  }
}
