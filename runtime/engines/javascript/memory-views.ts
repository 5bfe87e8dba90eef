import { WriteMarks } from "./write-marks.ts";

/** Ways to look at a machine's memory, until it grows. */
export class MemoryViews {
  readonly words: DataView;
  readonly bytes: Buffer;
  /** The same bytes as a plain array, whose copies cost a quarter of a Buffer's. */
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly marks: WriteMarks;

  constructor(memory: ArrayBuffer) {
    this.words = new DataView(memory);
    this.bytes = Buffer.from(memory);
    this.plain = new Uint8Array(memory);
    this.marks = new WriteMarks(memory);
  }
}
