/** Buckets per doubling of the duration: an error of 9 % at most. */
const PER_OCTAVE = 8;
/** From 1 µs to more than an hour. */
const BUCKETS = 33 * PER_OCTAVE;

/** Counts of durations in buckets that grow with the duration, so that percentiles stay cheap. */
export class Latencies {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;
  #sumMs = 0;

  add(ms: number): void {
    const octaves = Math.log2(Math.max(ms * 1000, 1));
    const bucket = Math.min(Math.floor(octaves * PER_OCTAVE), BUCKETS - 1);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
    this.#sumMs += ms;
  }

  get total(): number {
    return this.#total;
  }

  get sumMs(): number {
    return this.#sumMs;
  }

  /** How many took at most `ms`. */
  atMost(ms: number): number {
    const last = Math.floor(Math.log2(Math.max(ms * 1000, 1)) * PER_OCTAVE);
    let count = 0;
    for (let i = 0; i < Math.min(last, BUCKETS); i++) count += this.#counts[i] ?? 0;
    return count;
  }

  merge(other: Latencies): Latencies {
    const merged = new Latencies();
    for (let i = 0; i < BUCKETS; i++) {
      merged.#counts[i] = (this.#counts[i] ?? 0) + (other.#counts[i] ?? 0);
    }
    merged.#total = this.#total + other.#total;
    merged.#sumMs = this.#sumMs + other.#sumMs;
    return merged;
  }

  /** Duration in ms that this share (0 to 1) of the calls did not exceed; 0 without calls. */
  percentile(share: number): number {
    if (this.#total === 0) return 0;
    const wanted = Math.max(1, Math.ceil(this.#total * share));
    let seen = 0;
    for (let i = 0; i < BUCKETS; i++) {
      seen += this.#counts[i] ?? 0;
      if (seen >= wanted) return 2 ** ((i + 0.5) / PER_OCTAVE) / 1000;
    }
    return 0;
  }
}
