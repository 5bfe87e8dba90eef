import { GRANULE_BYTES, REACH_BYTES, type WriteMarks } from "./write-marks.ts";

/** What lies at one place of a machine's memory in its saved state. */
export class ImagePart {
  readonly start: number;
  readonly bytes: Uint8Array;
  /** What was put back last time, by first granule: calls of one function write in the same places. */
  readonly #views = new Map<number, Uint8Array>();

  constructor(start: number, bytes: Uint8Array) {
    this.start = start;
    this.bytes = bytes;
  }

  get end(): number {
    return this.start + this.bytes.length;
  }

  /** Puts back what is marked as changed. */
  restore(memory: Uint8Array, marks: WriteMarks): void {
    eachChange(marks, this.start, this.end, (start, end) => {
      memory.set(this.#view(start, end), start);
    });
  }

  #view(start: number, end: number): Uint8Array {
    let view = this.#views.get(start);
    if (view?.length !== end - start) {
      view = this.bytes.subarray(start - this.start, end - this.start);
      this.#views.set(start, view);
    }
    return view;
  }
}

/** Visits the parts of a range that are marked, ascending. */
export function eachChange(
  marks: WriteMarks,
  start: number,
  end: number,
  visit: (start: number, end: number) => void,
): void {
  const past = Math.ceil(end / GRANULE_BYTES);
  const first = Math.floor(Math.max(0, start - REACH_BYTES) / GRANULE_BYTES);
  for (let from = marks.nextMarked(first, past); from < past; ) {
    const to = marks.nextClear(from, past);
    const visited = Math.min(end, to * GRANULE_BYTES + REACH_BYTES);
    if (visited > start) visit(Math.max(start, from * GRANULE_BYTES), visited);
    from = marks.nextMarked(to, past);
  }
}
