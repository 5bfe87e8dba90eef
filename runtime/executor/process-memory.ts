import { totalmem } from "node:os";
import type { MemoryBudget } from "../engines/memory-budget.ts";

const PAGE_BYTES = 65_536;
const USED = 0;
const MOST = 1;

/**
 * The memory budget of the process, seen by its threads as two shared integers in pages of 64 KiB.
 * Like the beacon it belongs to the thread form of the channel.
 */
export class ProcessMemory {
  readonly shared: SharedArrayBuffer;
  readonly #pages: Int32Array;

  constructor(maxBytes: number) {
    this.shared = new SharedArrayBuffer(8);
    this.#pages = new Int32Array(this.shared);
    this.#pages[MOST] = Math.min(Math.floor(maxBytes / PAGE_BYTES), 2 ** 31 - 1);
  }

  /** Half of what the machine, or the container, has for this process. */
  static usualBytes(): number {
    const constrained = process.constrainedMemory();
    const most = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
    return most / 2;
  }

  /** Held by guests now. */
  get usedBytes(): number {
    return Atomics.load(this.#pages, USED) * PAGE_BYTES;
  }

  /** A thread that held so many pages is gone. */
  freePages(pages: number): void {
    Atomics.sub(this.#pages, USED, pages);
  }
}

/** A thread's view of it. What it takes is counted in `own` too, for when the thread is ended. */
export class ThreadMemory implements MemoryBudget {
  readonly #pages: Int32Array;
  readonly #own: Int32Array;
  readonly #ownIndex: number;

  constructor(shared: SharedArrayBuffer, own: Int32Array, ownIndex: number) {
    this.#pages = new Int32Array(shared);
    this.#own = own;
    this.#ownIndex = ownIndex;
  }

  get maxBytes(): number {
    return Atomics.load(this.#pages, MOST) * PAGE_BYTES;
  }

  take(bytes: number): boolean {
    const pages = Math.ceil(bytes / PAGE_BYTES);
    // Own pages first: a thread that is ended in between gives back what it may not have taken yet,
    // instead of leaving it counted for ever.
    Atomics.add(this.#own, this.#ownIndex, pages);
    const before = Atomics.add(this.#pages, USED, pages);
    if (before + pages <= Atomics.load(this.#pages, MOST)) return true;
    this.#giveBack(pages);
    return false;
  }

  give(bytes: number): void {
    this.#giveBack(Math.ceil(bytes / PAGE_BYTES));
  }

  #giveBack(pages: number): void {
    Atomics.sub(this.#pages, USED, pages);
    Atomics.sub(this.#own, this.#ownIndex, pages);
  }
}
