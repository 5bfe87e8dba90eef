import { MocError } from "../../protocol/errors.ts";
import type { MachineLimits } from "./faults.ts";
import type { HeapImage } from "./heap-image.ts";
import type { Machine } from "./machine.ts";

/** Restored machines that wait for calls. */
const IDLE_MAX = 64;
/** Machines of one function at once: each takes address space that a process has only so much of. */
const LIVE_MAX = 1000;
/** Without a call for so long, the machines go; the image stays. */
const TRIM_MS = 60_000;
/** A machine whose guest took more than this is not worth keeping. */
const GROWN_MAX = 8 * 2 ** 20;

interface Waiting {
  resolve(machine: Machine | Promise<Machine>): void;
  reject(error: unknown): void;
}

/** Machines of one function, each put back to the function's image between two calls. */
export class MachinePool {
  readonly #image: HeapImage;
  readonly #limits: MachineLimits;
  readonly #idle: Machine[] = [];
  /** Used machines, to be restored when there is nothing better to do. */
  readonly #used: Machine[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #liveMax: number;
  #live = 0;
  #scheduled = false;
  #closed = false;
  #trim: NodeJS.Timeout | undefined;

  constructor(image: HeapImage, limits: MachineLimits, liveMax = LIVE_MAX) {
    this.#image = image;
    this.#limits = limits;
    this.#liveMax = liveMax;
  }

  get image(): HeapImage {
    return this.#image;
  }

  /** Bytes held by the image and by machines without a call. */
  memoryBytes(): number {
    let bytes = this.#image.length;
    for (const machine of this.#idle) bytes += machine.memoryBytes;
    for (const machine of this.#used) bytes += machine.memoryBytes;
    return bytes;
  }

  /** A machine in pristine state; a promise only when all are taken. @throws MOC_LIMIT_MEMORY */
  take(): Machine | Promise<Machine> {
    // The one that was used last is still in the processor's caches.
    const used = this.#used.pop();
    if (used) {
      this.#image.restore(used);
      return used;
    }
    const idle = this.#idle.pop();
    if (idle) return idle;
    if (this.#live >= this.#liveMax) return this.#wait();
    try {
      const machine = this.#image.instantiate(this.#limits);
      this.#live++;
      return machine;
    } catch (error) {
      // Neither address space nor memory for another one: one that is in use now will do later.
      const full = error instanceof MocError && error.code === "MOC_GUESTS_MEMORY";
      if ((error instanceof RangeError || full) && this.#live > 0) return this.#wait();
      throw error;
    }
  }

  /** Takes a machine back after its call. */
  give(machine: Machine): void {
    const kept = !this.#closed && !machine.fault && this.#image.grown(machine) <= GROWN_MAX;
    if (!kept) {
      this.#live--;
      machine.drop();
    }
    const next = this.#waiting.shift();
    if (next) {
      this.#passOn(next, kept ? machine : undefined);
    } else if (kept) {
      this.#keep(machine);
    }
  }

  #wait(): Promise<Machine> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #passOn(next: Waiting, machine: Machine | undefined): void {
    try {
      if (machine) this.#image.restore(machine);
      next.resolve(machine ?? this.take());
    } catch (error) {
      next.reject(error);
    }
  }

  #keep(machine: Machine): void {
    if (this.#idle.length + this.#used.length >= IDLE_MAX) {
      this.#live--;
      machine.drop();
      return;
    }
    this.#used.push(machine);
    this.#trimLater();
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#restoreUsed());
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#trim);
    this.#drop();
  }

  /** Lets go of machines that nobody has needed for a while. */
  #trimLater(): void {
    if (this.#trim) this.#trim.refresh();
    else this.#trim = setTimeout(() => this.#drop(), TRIM_MS).unref();
  }

  #drop(): void {
    this.#live -= this.#idle.length + this.#used.length;
    for (const machine of [...this.#idle, ...this.#used]) machine.drop();
    this.#idle.length = 0;
    this.#used.length = 0;
  }

  #restoreUsed(): void {
    this.#scheduled = false;
    for (let machine = this.#used.pop(); machine; machine = this.#used.pop()) {
      this.#image.restore(machine);
      this.#idle.push(machine);
    }
  }
}
