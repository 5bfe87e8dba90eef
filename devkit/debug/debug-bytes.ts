/** Reads debug information, little endian, within fixed bounds: it ends the reading, not the program. */
export class DebugBytes {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  offset: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.offset = offset;
  }

  get done(): boolean {
    return this.offset >= this.#bytes.length;
  }

  /** @throws RangeError: it ends too early */
  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  i8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** A number whose size is given, as long as JavaScript can hold it. */
  sized(size: number): number {
    if (size === 1) return this.u8();
    if (size === 2) return this.u16();
    if (size === 4) return this.u32();
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  uleb(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  sleb(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte >= 0x80) continue;
      return byte & 0x40 ? value - factor * 128 : value;
    }
  }

  /** Text up to the zero that ends it. */
  text(): string {
    const end = this.#bytes.indexOf(0, this.offset);
    const start = this.#take((end < 0 ? this.#bytes.length : end) - this.offset + 1);
    return new TextDecoder().decode(this.#bytes.subarray(start, this.offset - 1));
  }

  skip(count: number): void {
    this.#take(count);
  }

  #take(count: number): number {
    const start = this.offset;
    if (count < 0 || start + count > this.#bytes.length) {
      throw new RangeError(`debug information ends at ${this.#bytes.length}`);
    }
    this.offset += count;
    return start;
  }
}
