/** Pieces of zeros shorter than this are kept as part of the image: one copy beats two. */
const GAP_MIN = 16 * 1024;
/** Memory is looked at in pieces of so many bytes; its length is a multiple of it. */
const PIECE = 4096;
const ZEROS = Buffer.alloc(PIECE);

/** What is not zero in a memory, in ascending order. */
interface Range {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

interface SavedMemory {
  readonly length: number;
  readonly ranges: readonly Range[];
}

/** The parts of an instance that make up its state. */
export interface InstanceState {
  readonly memories: readonly WebAssembly.Memory[];
  readonly globals: readonly WebAssembly.Global[];
}

/** The state of an instance at one moment, and the means to put instances back to it. */
export class SavedImage {
  readonly #memories: readonly SavedMemory[];
  readonly #globals: readonly unknown[];

  constructor(state: InstanceState) {
    this.#memories = state.memories.map(saveMemory);
    this.#globals = state.globals.map((global) => global.value);
  }

  /** Bytes that the image holds. */
  get bytes(): number {
    let sum = 0;
    for (const memory of this.#memories) {
      for (const range of memory.ranges) sum += range.bytes.length;
    }
    return sum;
  }

  /** Puts a used instance back. false: its memory grew, which cannot be undone. */
  restore(state: InstanceState): boolean {
    for (const [index, saved] of this.#memories.entries()) {
      const buffer = state.memories[index]?.buffer;
      if (buffer?.byteLength !== saved.length) return false;
    }
    for (const [index, saved] of this.#memories.entries()) {
      const buffer = state.memories[index]?.buffer as ArrayBuffer;
      restoreMemory(saved, new Uint8Array(buffer));
    }
    this.#restoreGlobals(state);
    return true;
  }

  /** Gives a new instance this state; `fresh` says what its data segments put into its memory. */
  fill(state: InstanceState, fresh: FreshMemory): void {
    for (const [index, saved] of this.#memories.entries()) {
      const memory = state.memories[index];
      if (!memory) continue;
      const missing = saved.length - memory.buffer.byteLength;
      if (missing > 0) memory.grow(missing / 65_536);
      // All else is zero; writing zeros would make the system give it pages it may never need.
      const bytes = new Uint8Array(memory.buffer as ArrayBuffer);
      for (const { offset, length } of fresh[index] ?? []) bytes.fill(0, offset, offset + length);
      for (const range of saved.ranges) bytes.set(range.bytes, range.offset);
    }
    this.#restoreGlobals(state);
  }

  #restoreGlobals(state: InstanceState): void {
    for (const [index, value] of this.#globals.entries()) {
      const global = state.globals[index];
      if (global) global.value = value;
    }
  }
}

/** What is not zero in the memories of an instance that ran nothing yet. */
export type FreshMemory = readonly (readonly {
  readonly offset: number;
  readonly length: number;
}[])[];

/** To be asked of an instance before anything runs in it. */
export function freshMemory(state: InstanceState): FreshMemory {
  return state.memories.map((memory) =>
    saveMemory(memory).ranges.map(({ offset, bytes }) => ({ offset, length: bytes.length })),
  );
}

function saveMemory(memory: WebAssembly.Memory): SavedMemory {
  const bytes = new Uint8Array(memory.buffer as ArrayBuffer);
  const ranges: Range[] = [];
  let start = -1;
  let end = 0;
  const whole = Buffer.from(memory.buffer as ArrayBuffer);
  for (let offset = 0; offset < bytes.length; offset += PIECE) {
    if (whole.compare(ZEROS, 0, PIECE, offset, offset + PIECE) === 0) continue;
    if (start >= 0 && offset - end >= GAP_MIN) {
      ranges.push({ offset: start, bytes: bytes.slice(start, end) });
      start = -1;
    }
    if (start < 0) start = offset;
    end = offset + PIECE;
  }
  if (start >= 0) ranges.push({ offset: start, bytes: bytes.slice(start, end) });
  return { length: bytes.length, ranges };
}

function restoreMemory(saved: SavedMemory, bytes: Uint8Array): void {
  let clean = 0;
  for (const range of saved.ranges) {
    if (range.offset > clean) bytes.fill(0, clean, range.offset);
    bytes.set(range.bytes, range.offset);
    clean = range.offset + range.bytes.length;
  }
  if (clean < bytes.length) bytes.fill(0, clean);
}
