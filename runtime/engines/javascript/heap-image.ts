import { randomBytes } from "node:crypto";
import type { MachineLimits } from "./faults.ts";
import type { Internals } from "./host-value.ts";
import { Machine } from "./machine.ts";
import type { Pointer } from "./quickjs-abi.ts";
import { BREAK_ADDRESS, type QuickJSModule } from "./quickjs-wasm.ts";

/**
 * A machine's state at rest, from which machines are made and to which they are put back: static
 * data and heap. The stack in between is empty then and is left out.
 */
export class HeapImage {
  readonly module: QuickJSModule;
  readonly #statics: Uint8Array;
  readonly #heap: Uint8Array;
  readonly #end: number;
  readonly #stackPointer: number;
  readonly #runtime: Pointer;
  readonly #context: Pointer;
  readonly #internals: Internals | undefined;
  readonly #randomState: Pointer;

  private constructor(machine: Machine, randomState: Pointer) {
    const { bytes, module } = machine;
    this.module = module;
    this.#end = machine.words.getUint32(BREAK_ADDRESS, true);
    this.#statics = new Uint8Array(bytes.subarray(0, module.stackLow));
    this.#heap = new Uint8Array(bytes.subarray(module.heapBase, usedEnd(bytes, this.#end)));
    this.#stackPointer = machine.quickjs.stackSave();
    this.#runtime = machine.runtime;
    this.#context = machine.context;
    this.#internals = machine.internals;
    this.#randomState = randomState;
  }

  /** Saves a machine that runs nothing. `randomState`: see random-state.ts. */
  static of(machine: Machine, randomState: Pointer): HeapImage {
    return new HeapImage(machine, randomState);
  }

  get randomState(): Pointer {
    return this.#randomState;
  }

  /** Bytes that the image holds. */
  get length(): number {
    return this.#statics.length + this.#heap.length;
  }

  /** A new machine in this state. @throws MOC_LIMIT_MEMORY */
  instantiate(limits: MachineLimits): Machine {
    const machine = new Machine(this.module, limits);
    machine.runtime = this.#runtime;
    machine.context = this.#context;
    machine.internals = this.#internals;
    if (!machine.reserve(this.#end)) throw machine.fault;
    machine.bytes.set(this.#statics, 0);
    this.restore(machine);
    machine.quickjs.setMaxStackSize(machine.runtime, limits.stackBytes);
    return machine;
  }

  /** Puts a machine back: nothing that a guest did in it remains, and its dice are new. */
  restore(machine: Machine): void {
    const { bytes, module, words } = machine;
    const top = words.getUint32(BREAK_ADDRESS, true);
    const heapEnd = module.heapBase + this.#heap.length;
    bytes.set(this.#statics, 0);
    bytes.set(this.#heap, module.heapBase);
    if (top > heapEnd) bytes.fill(0, heapEnd, top);
    machine.quickjs.stackRestore(this.#stackPointer);
    seed(bytes, this.#randomState);
  }

  /** Heap that the guest took beyond the image, in bytes. */
  grown(machine: Machine): number {
    return machine.words.getUint32(BREAK_ADDRESS, true) - this.#end;
  }
}

/** End of what is not zero below `end`. */
function usedEnd(bytes: Uint8Array, end: number): number {
  let last = end;
  while (last > 0 && bytes[last - 1] === 0) last--;
  return (last + 7) & ~7;
}

const seeds = { pool: new Uint8Array(0), next: 0 };

/** Eight random bytes, not all zero: xorshift would stay there. */
function seed(bytes: Uint8Array, at: Pointer): void {
  if (seeds.next + 8 > seeds.pool.length) {
    seeds.pool = randomBytes(4096);
    seeds.next = 0;
  }
  for (let i = 0; i < 8; i++) bytes[at + i] = seeds.pool[seeds.next + i] ?? 0;
  bytes[at] = (bytes[at] ?? 0) | 1;
  seeds.next += 8;
}
