const EMPTY = new Uint8Array(0);

/** Bytes in the order they came, kept as the chunks they came in until somebody wants them whole. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }

  /** All bytes; they stay in the queue. */
  whole(): Uint8Array {
    const [first] = this.#chunks;
    if (!first) return EMPTY;
    if (this.#chunks.length > 1) {
      const joined = new Uint8Array(this.#length);
      let offset = 0;
      for (const chunk of this.#chunks) {
        joined.set(chunk, offset);
        offset += chunk.length;
      }
      this.#chunks = [joined];
      return joined;
    }
    return first;
  }

  /** Takes at most `maxBytes` from the front; undefined when empty. */
  shift(maxBytes: number): Uint8Array | undefined {
    const first = this.#chunks[0];
    if (!first) return undefined;
    const part = first.length <= maxBytes ? first : first.subarray(0, maxBytes);
    if (part === first) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(maxBytes);
    this.#length -= part.length;
    return part;
  }

  /** Takes everything. */
  drain(): Uint8Array {
    const all = this.whole();
    this.clear();
    return all;
  }

  clear(): void {
    this.#chunks = [];
    this.#length = 0;
  }
}
