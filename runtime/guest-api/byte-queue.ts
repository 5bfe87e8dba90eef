const EMPTY = new Uint8Array(0);

/** Smaller chunks after the first are put together: each alone would cost more than its bytes. */
const SMALL_BYTES = 1024;
const BLOCK_BYTES = 16 * 1024;

/** Bytes in the order they came, kept as the chunks they came in until somebody wants them whole. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #length = 0;
  /** The last chunk is the beginning of this block. */
  #block: Uint8Array | undefined;

  get length(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#length += bytes.length;
    if (bytes.length > SMALL_BYTES || this.#chunks.length === 0) {
      this.#block = undefined;
      this.#chunks.push(bytes);
    } else {
      this.#append(bytes);
    }
  }

  #append(bytes: Uint8Array): void {
    const last = this.#chunks.length - 1;
    const used = this.#chunks[last]?.length ?? 0;
    if (this.#block && used + bytes.length <= this.#block.length) {
      this.#block.set(bytes, used);
      this.#chunks[last] = this.#block.subarray(0, used + bytes.length);
      return;
    }
    this.#block = new Uint8Array(BLOCK_BYTES);
    this.#block.set(bytes);
    this.#chunks.push(this.#block.subarray(0, bytes.length));
  }

  /** All bytes; they stay in the queue. */
  whole(): Uint8Array {
    const [first] = this.#chunks;
    if (!first) return EMPTY;
    if (this.#chunks.length > 1 || this.#block) {
      const joined = new Uint8Array(this.#length);
      let offset = 0;
      for (const chunk of this.#chunks) {
        joined.set(chunk, offset);
        offset += chunk.length;
      }
      this.#chunks = [joined];
      this.#block = undefined;
      return joined;
    }
    return first;
  }

  /** Takes at most `maxBytes` from the front; undefined when empty. */
  shift(maxBytes: number): Uint8Array | undefined {
    const first = this.#chunks[0];
    if (!first) return undefined;
    const part = first.length <= maxBytes ? first : first.subarray(0, maxBytes);
    if (this.#chunks.length === 1) this.#block = undefined;
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
    this.#block = undefined;
    this.#length = 0;
  }
}
