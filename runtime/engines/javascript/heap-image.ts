import type { MachineLimits } from "./faults.ts";
import type { Internals } from "./host-value.ts";
import { Machine } from "./machine.ts";
import { makePutBack } from "./put-back.ts";
import type { Pointer } from "./quickjs-abi.ts";
import { BREAK_ADDRESS, PAGE_BYTES, type QuickJSModule } from "./quickjs-wasm.ts";

interface ImageParts {
  /** Libc's break. */
  readonly end: number;
  readonly stackPointer: number;
  readonly runtime: Pointer;
  readonly context: Pointer;
  readonly internals: Internals | undefined;
  readonly randomState: Pointer;
  /** Length of the static data, in bytes. */
  readonly statics: number;
  /** Length of the heap up to the last byte that is not zero. */
  readonly heap: number;
}

interface SerializedHead extends ImageParts {
  readonly key: string;
}

/**
 * A machine's state at rest, from which machines are made and to which they are put back: static
 * data and heap. The stack in between is empty then and is left out.
 */
export class HeapImage {
  readonly module: QuickJSModule;
  readonly #parts: ImageParts;
  /** Static data and heap at the addresses that they have in machines. */
  readonly #memory: WebAssembly.Memory;

  private constructor(
    module: QuickJSModule,
    parts: ImageParts,
    statics: Uint8Array,
    heap: Uint8Array,
  ) {
    this.module = module;
    this.#parts = parts;
    const pages = Math.ceil((module.heapBase + heap.length) / PAGE_BYTES);
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.#bytes(0, statics.length).set(statics);
    this.#bytes(module.heapBase, heap.length).set(heap);
  }

  /** Saves a machine that runs nothing. `randomState`: see random-state.ts. */
  static of(machine: Machine, randomState: Pointer): HeapImage {
    const { bytes, module, runtime, context, internals, marks } = machine;
    if (!marks.any()) {
      // Nothing would be put back: a guest's state would reach the next call.
      throw new TypeError("assets/quickjs.wasm does not mark what it writes: build again");
    }
    const end = machine.words.getUint32(BREAK_ADDRESS, true);
    const statics = bytes.subarray(0, module.stackLow);
    const heap = bytes.subarray(module.heapBase, usedEnd(bytes, end));
    const parts: ImageParts = {
      end,
      stackPointer: machine.quickjs.stackSave(),
      runtime,
      context,
      internals,
      randomState,
      statics: statics.length,
      heap: heap.length,
    };
    return new HeapImage(module, parts, statics, heap);
  }

  /** An image as bytes: a line of JSON that begins with `key`, then statics and heap. */
  serialize(key: string): Uint8Array {
    const head: SerializedHead = { key, ...this.#parts };
    return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...this.#all()]);
  }

  /** The image that was serialized under this key; undefined for any other bytes. */
  static deserialize(module: QuickJSModule, bytes: Uint8Array, key: string): HeapImage | undefined {
    const line = bytes.indexOf(10);
    const head = JSON.parse(Buffer.from(bytes.subarray(0, line)).toString()) as SerializedHead;
    if (head.key !== key || bytes.length !== line + 1 + head.statics + head.heap) return undefined;
    const { key: _, ...parts } = head;
    const [from, to] = [line + 1, line + 1 + head.statics];
    return new HeapImage(module, parts, bytes.subarray(from, to), bytes.subarray(to));
  }

  get randomState(): Pointer {
    return this.#parts.randomState;
  }

  /** Bytes that the image holds. */
  get length(): number {
    return this.#parts.statics + this.#parts.heap;
  }

  /** A new machine in this state. @throws MOC_LIMIT_MEMORY */
  instantiate(limits: MachineLimits): Machine {
    const machine = new Machine(this.module, limits);
    const { runtime, context, internals, end } = this.#parts;
    machine.runtime = runtime;
    machine.context = context;
    machine.internals = internals;
    if (!machine.reserve(end)) throw machine.fault;
    const [statics, heap] = this.#all();
    machine.bytes.set(statics, 0);
    machine.bytes.set(heap, this.module.heapBase);
    machine.putBack = makePutBack(machine.memory, this.#memory);
    this.restore(machine);
    machine.quickjs.setMaxStackSize(machine.runtime, limits.stackBytes);
    return machine;
  }

  /** Puts a machine back: nothing that a guest did in it remains, and its dice are new. */
  restore(machine: Machine): void {
    const { words } = machine;
    const { statics, heap, stackPointer, randomState } = this.#parts;
    const { heapBase } = this.module;
    const top = words.getUint32(BREAK_ADDRESS, true);
    machine.putBack(statics, heapBase, heapBase + heap, top);
    machine.quickjs.stackRestore(stackPointer);
    seed(words, randomState);
  }

  #all(): [statics: Uint8Array, heap: Uint8Array] {
    const { statics, heap } = this.#parts;
    return [this.#bytes(0, statics), this.#bytes(this.module.heapBase, heap)];
  }

  #bytes(start: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, start, length);
  }

  /** Heap that the guest took beyond the image, in bytes. */
  grown(machine: Machine): number {
    return machine.words.getUint32(BREAK_ADDRESS, true) - this.#parts.end;
  }
}

/** End of what is not zero below `end`. */
function usedEnd(bytes: Uint8Array, end: number): number {
  let last = end;
  while (last > 0 && bytes[last - 1] === 0) last--;
  return (last + 7) & ~7;
}

/** Eight random bytes, not all zero: xorshift would stay there. No secret: guests have `crypto`. */
function seed(words: DataView, at: Pointer): void {
  words.setInt32(at, (Math.random() * 2 ** 32) | 1, true);
  words.setInt32(at + 4, (Math.random() * 2 ** 32) | 0, true);
}
