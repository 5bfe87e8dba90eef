const utf8 = new TextEncoder();

/** Writes the WebAssembly binary format, piece by piece. */
export class ByteWriter {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  bytes(piece: Uint8Array): this {
    this.#pieces.push(piece);
    this.#length += piece.length;
    return this;
  }

  byte(...values: number[]): this {
    return this.bytes(Uint8Array.from(values));
  }

  /** Unsigned LEB128, at most 32 bits. */
  u32(value: number): this {
    const encoded: number[] = [];
    let rest = value;
    do {
      const low = rest % 128;
      rest = Math.floor(rest / 128);
      encoded.push(rest > 0 ? low | 0x80 : low);
    } while (rest > 0);
    return this.byte(...encoded);
  }

  name(text: string): this {
    const encoded = utf8.encode(text);
    return this.u32(encoded.length).bytes(encoded);
  }

  /** Length, then content: a section's payload or a function's body. */
  sized(content: Uint8Array): this {
    return this.u32(content.length).bytes(content);
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const joined = new Uint8Array(this.#length);
    let offset = 0;
    for (const piece of this.#pieces) {
      joined.set(piece, offset);
      offset += piece.length;
    }
    return joined;
  }
}
