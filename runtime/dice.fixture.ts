/** Chance that can be repeated, for tests with hostile and unlucky input. */

/** Other moments and bytes: `MOC_SEED=8`. */
export const SEED = Number(process.env.MOC_SEED ?? 7);
/** How many times as much is tried: `MOC_CHAOS=20`. */
export const TIMES = Number(process.env.MOC_CHAOS ?? 1);

/** Park and Miller's generator, with what tests draw from it. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed % 2147483647 || 1;
  }

  below(end: number): number {
    this.#state = (this.#state * 48271) % 2147483647;
    return this.#state % end;
  }

  of<T>(things: readonly T[]): T {
    return things[this.below(things.length)] as T;
  }

  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.below(256)));
  }
}
