import { MocError } from "../protocol/errors.ts";
import type { Executor } from "./executor.ts";

/** After one that could not start. */
const RETRY_MS = 1000;

/** A spare that nobody has taken for this long, in ms, gets ready for whatever comes. */
const REHEARSE_MS = 5;
/** While the runtime starts, its processors have other work. */
const STARTING_MS = 1500;

/**
 * The next one is started this much after the last was taken, in ms, where there is another still:
 * who took one is waited for, and shares the processors with it; and a version that is replaced
 * leaves its own.
 */
const REPLACE_MS = 500;

/** Executors without a function: started ahead of need, or left over. */
export class Spares {
  readonly #start: () => Executor;
  readonly #count: number;
  readonly #idle = new Set<Executor>();
  /** Idle ones that have run a guest's function. */
  readonly #used = new WeakSet<Executor>();
  /** All that it has started since they were renewed. */
  #current = new WeakSet<Executor>();
  readonly #starting = new Set<Executor>();
  readonly #waiters: ((executor: Executor) => void)[] = [];
  readonly #startedAt = performance.now();
  #replacing: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param count how many are kept */
  constructor(start: () => Executor, count: number) {
    this.#start = start;
    this.#count = count;
    this.keep();
  }

  get idle(): readonly Executor[] {
    return [...this.#idle];
  }

  /** How many wait for one. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /**
   * @param unused - nothing of a guest has run in it
   * @param isBorrowed - it is offered again soon: no other is started in its place at once
   */
  async take(unused: boolean, isBorrowed: boolean): Promise<Executor> {
    const spare = this.idle.find((one) => !unused || !this.#used.has(one));
    if (spare) {
      this.#idle.delete(spare);
      clearTimeout(this.#replacing);
      if (this.#idle.size === 0 && !isBorrowed) this.keep();
      else this.#replacing = setTimeout(() => this.keep(), REPLACE_MS).unref();
      return spare;
    }
    const ready = new Promise<Executor>((resolve) => this.#waiters.push(resolve));
    this.keep();
    return ready;
  }

  /** Answers whether the executor is one of these; who waits longest gets it. */
  started(executor: Executor): boolean {
    if (!this.#starting.delete(executor)) return false;
    const waiter = this.#waiters.shift();
    if (waiter) {
      waiter(executor);
    } else {
      this.#idle.add(executor);
      const afterMs = Math.max(REHEARSE_MS, this.#startedAt + STARTING_MS - performance.now());
      setTimeout(() => executor.rehearse(), afterMs).unref();
    }
    return true;
  }

  /** Answers whether an executor that nobody needs any more is kept; a start costs far more. */
  offer(executor: Executor): boolean {
    const enough = this.#idle.size + this.#starting.size >= this.#count;
    if (this.#closed || enough || !this.#current.has(executor)) return false;
    executor.unload();
    this.#used.add(executor);
    this.#idle.add(executor);
    return true;
  }

  ended(executor: Executor): void {
    this.#idle.delete(executor);
    // Not at once: what keeps it from starting may last.
    if (this.#starting.delete(executor)) setTimeout(() => this.keep(), RETRY_MS).unref();
  }

  /** Replaces all of them: what they were started with is old. */
  renew(): void {
    this.#current = new WeakSet();
    for (const one of this.#take()) void one.end(stopping());
    this.keep();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#take().map((one) => one.end(stopping())));
  }

  #take(): readonly Executor[] {
    const all = [...this.#idle, ...this.#starting];
    this.#idle.clear();
    this.#starting.clear();
    return all;
  }

  /** Starts what is missing. */
  keep(): void {
    const wanted = this.#count + this.#waiters.length;
    while (!this.#closed && this.#idle.size + this.#starting.size < wanted) {
      const one = this.#start();
      this.#current.add(one);
      this.#starting.add(one);
    }
  }
}

export function stopping(): MocError {
  return new MocError("MOC_STOPPING", "the runtime is stopping");
}
