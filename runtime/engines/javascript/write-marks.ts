/**
 * Where QuickJS notes what it writes (track-writes.ts): one byte for each granule of memory, not
 * zero since something in it changed. Addresses that lie a multiple of the table's reach apart
 * share a mark, which can only make more memory seem changed than was.
 */
export const GRANULE_SHIFT = 9;
export const GRANULE_BYTES = 1 << GRANULE_SHIFT;
/** Marks there are: those of 8 MiB. */
export const MARKS = 1 << 14;
/**
 * Address of the marks: in the stack's room above the scratch space, deeper than any stack goes.
 */
export const MARKS_ADDRESS = 112 * 1024;
/** A mark at an address stands for this many bytes behind the address, too. */
export const REACH_BYTES = 128;

/** The marks of one machine. */
export class WriteMarks {
  readonly #marks: Uint8Array;

  constructor(memory: ArrayBuffer) {
    this.#marks = new Uint8Array(memory, MARKS_ADDRESS, MARKS);
  }

  /** The host has written. */
  add(address: number, length: number): void {
    const last = (address + length - 1) >>> GRANULE_SHIFT;
    for (let granule = address >>> GRANULE_SHIFT; granule <= last; granule++) {
      this.#marks[granule % MARKS] = 1;
    }
  }

  /** Whether anything was written since they were cleared. */
  any(): boolean {
    return this.#marks.some((mark) => mark !== 0);
  }

  clear(): void {
    this.#marks.fill(0);
  }
}
