import { MocError } from "../../protocol/errors.ts";

/** A malformed module: says where, so that a compiler author can find it. */
export function invalidModule(what: string, offset?: number): MocError {
  const where = offset === undefined ? "" : ` at byte ${offset}`;
  return new MocError(
    "MOC_GUEST_INVALID",
    `the WebAssembly module is not valid${where}: ${what}; build it again, or check that the file is complete`,
  );
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads the WebAssembly binary format within fixed bounds: no length in it is believed. */
export class ByteReader {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = start;
    this.end = end;
  }

  get done(): boolean {
    return this.offset >= this.end;
  }

  byte(): number {
    const value = this.offset < this.end ? this.bytes[this.offset] : undefined;
    if (value === undefined) throw invalidModule("it ends too early", this.offset);
    this.offset++;
    return value;
  }

  /** Unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    throw invalidModule("a number is too long", this.offset);
  }

  /** Passes over a LEB128 of at most 64 bits whose value does not matter. */
  skipNumber(): void {
    for (let length = 0; length < 10; length++) if (this.byte() < 0x80) return;
    throw invalidModule("a number is too long", this.offset);
  }

  skip(count: number): void {
    if (count > this.end - this.offset) throw invalidModule("it ends too early", this.offset);
    this.offset += count;
  }

  /** Number of entries that follow, each of at least one byte. */
  count(): number {
    const count = this.u32();
    if (count > this.end - this.offset) {
      throw invalidModule(`a list of ${count} entries does not fit`, this.offset);
    }
    return count;
  }

  name(): string {
    const length = this.u32();
    const start = this.offset;
    this.skip(length);
    try {
      return strictUtf8.decode(this.bytes.subarray(start, this.offset));
    } catch (cause) {
      throw new MocError("MOC_GUEST_INVALID", `a name at byte ${start} is not UTF-8`, { cause });
    }
  }

  /** A reader of the next `length` bytes, which this one passes over. */
  part(length: number): ByteReader {
    const start = this.offset;
    this.skip(length);
    return new ByteReader(this.bytes, start, this.offset);
  }
}
