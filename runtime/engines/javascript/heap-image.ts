import type { MachineLimits } from "./faults.ts";
import type { Internals } from "./host-value.ts";
import { eachChange, ImagePart } from "./image-part.ts";
import { Machine } from "./machine.ts";
import type { Pointer } from "./quickjs-abi.ts";
import { BREAK_ADDRESS, type QuickJSModule } from "./quickjs-wasm.ts";
import { MARKS } from "./write-marks.ts";

interface ImageParts {
  /** Libc's break. */
  readonly end: number;
  readonly stackPointer: number;
  readonly runtime: Pointer;
  readonly context: Pointer;
  readonly internals: Internals | undefined;
  readonly randomState: Pointer;
  readonly statics: ImagePart;
  readonly heap: ImagePart;
}

interface SerializedHead extends Omit<ImageParts, "statics" | "heap"> {
  readonly key: string;
  /** Lengths in bytes. */
  readonly statics: number;
  readonly heap: number;
}

/**
 * A machine's state at rest, from which machines are made and to which they are put back: static
 * data and heap. The stack in between is empty then and is left out.
 */
export class HeapImage {
  readonly module: QuickJSModule;
  readonly #parts: ImageParts;

  private constructor(module: QuickJSModule, parts: ImageParts) {
    this.module = module;
    this.#parts = parts;
  }

  /** Saves a machine that runs nothing. `randomState`: see random-state.ts. */
  static of(machine: Machine, randomState: Pointer): HeapImage {
    const { bytes, module, runtime, context, internals, marks } = machine;
    if (marks.nextMarked(0, MARKS) === MARKS) {
      // Nothing would be put back: a guest's state would reach the next call.
      throw new TypeError("assets/quickjs.wasm does not mark what it writes: build again");
    }
    const end = machine.words.getUint32(BREAK_ADDRESS, true);
    return new HeapImage(module, {
      end,
      stackPointer: machine.quickjs.stackSave(),
      runtime,
      context,
      internals,
      randomState,
      statics: new ImagePart(0, new Uint8Array(bytes.subarray(0, module.stackLow))),
      heap: new ImagePart(
        module.heapBase,
        new Uint8Array(bytes.subarray(module.heapBase, usedEnd(bytes, end))),
      ),
    });
  }

  /** An image as bytes: a line of JSON that begins with `key`, then statics and heap. */
  serialize(key: string): Uint8Array {
    const { statics, heap, ...rest } = this.#parts;
    const head = { key, statics: statics.bytes.length, heap: heap.bytes.length, ...rest };
    return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), statics.bytes, heap.bytes]);
  }

  /** The image that was serialized under this key; undefined for any other bytes. */
  static deserialize(module: QuickJSModule, bytes: Uint8Array, key: string): HeapImage | undefined {
    const line = bytes.indexOf(10);
    const head = JSON.parse(Buffer.from(bytes.subarray(0, line)).toString()) as SerializedHead;
    if (head.key !== key || bytes.length !== line + 1 + head.statics + head.heap) return undefined;
    const statics = new ImagePart(0, bytes.slice(line + 1, line + 1 + head.statics));
    const heap = new ImagePart(module.heapBase, bytes.slice(line + 1 + head.statics));
    return new HeapImage(module, { ...head, statics, heap });
  }

  get randomState(): Pointer {
    return this.#parts.randomState;
  }

  /** Bytes that the image holds. */
  get length(): number {
    return this.#parts.statics.bytes.length + this.#parts.heap.bytes.length;
  }

  /** A new machine in this state. @throws MOC_LIMIT_MEMORY */
  instantiate(limits: MachineLimits): Machine {
    const machine = new Machine(this.module, limits);
    const { runtime, context, internals, end, statics, heap } = this.#parts;
    machine.runtime = runtime;
    machine.context = context;
    machine.internals = internals;
    if (!machine.reserve(end)) throw machine.fault;
    for (const { bytes, start } of [statics, heap]) machine.bytes.set(bytes, start);
    this.restore(machine);
    machine.quickjs.setMaxStackSize(machine.runtime, limits.stackBytes);
    return machine;
  }

  /** Puts a machine back: nothing that a guest did in it remains, and its dice are new. */
  restore(machine: Machine): void {
    const { bytes, words } = machine;
    const { statics, heap, stackPointer, randomState } = this.#parts;
    const top = words.getUint32(BREAK_ADDRESS, true);
    const { marks } = machine;
    statics.restore(bytes, marks);
    heap.restore(bytes, marks);
    eachChange(marks, heap.end, top, (start, end) => bytes.fill(0, start, end));
    marks.clear();
    machine.quickjs.stackRestore(stackPointer);
    seed(words, randomState);
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
