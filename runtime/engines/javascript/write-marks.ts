/**
 * Where QuickJS notes what it writes (track-writes.ts): one byte for each granule of memory, not
 * zero since something in it changed. Addresses that lie a multiple of the table's reach apart
 * share a mark, which can only make more memory seem changed than was.
 */
export const GRANULE_SHIFT = 10;
export const GRANULE_BYTES = 1 << GRANULE_SHIFT;
/** Marks there are: those of 16 MiB. */
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
  readonly #fours: Int32Array;

  constructor(memory: ArrayBuffer) {
    this.#marks = new Uint8Array(memory, MARKS_ADDRESS, MARKS);
    this.#fours = new Int32Array(memory, MARKS_ADDRESS, MARKS / 4);
  }

  /** The host has written. */
  add(address: number, length: number): void {
    const last = (address + length - 1) >>> GRANULE_SHIFT;
    for (let granule = address >>> GRANULE_SHIFT; granule <= last; granule++) {
      this.#marks[granule % MARKS] = 1;
    }
  }

  /** The first granule from this one on that is marked; `end` if there is none before it. */
  nextMarked(granule: number, end: number): number {
    const marks = this.#marks;
    const fours = this.#fours;
    let next = granule;
    while (next < end) {
      // Most are not, and are passed by four at a time.
      if ((next & 3) === 0 && fours[(next & (MARKS - 1)) >> 2] === 0) next += 4;
      else if (marks[next & (MARKS - 1)] === 0) next++;
      else return next;
    }
    return end;
  }

  /** The first granule from this one on that is not marked; `end` if there is none before it. */
  nextClear(granule: number, end: number): number {
    const marks = this.#marks;
    let next = granule;
    while (next < end && marks[next & (MARKS - 1)] !== 0) next++;
    return next;
  }

  clear(): void {
    this.#marks.fill(0);
  }
}
