import type { HostStream } from "../core/host-stream.ts";
import { MocError } from "../protocol/errors.ts";

/**
 * A streamed request body that several functions read one after the other, each from its start:
 * what a filter consumed is kept for the next. Bounded by the body's own limit.
 */
export class ReplayedBody {
  readonly #source: HostStream;
  readonly #chunks: Uint8Array[] = [];
  #fetching: Promise<Uint8Array | undefined> | undefined;
  #ended = false;

  constructor(source: HostStream) {
    this.#source = source;
  }

  /** The body from its start. The view before must not be read any more. */
  open(): HostStream {
    return new BodyView((index) => this.#chunk(index));
  }

  async #chunk(index: number): Promise<Uint8Array | undefined> {
    const known = this.#chunks[index];
    if (known || this.#ended) return known;
    // A filter may have ended while its read was under way: the bytes are the next reader's.
    this.#fetching ??= this.#fetch();
    await this.#fetching;
    return this.#chunks[index];
  }

  async #fetch(): Promise<Uint8Array | undefined> {
    try {
      const chunk = await this.#source.read(CHUNK_BYTES);
      if (chunk) this.#chunks.push(chunk);
      else this.#ended = true;
      return chunk;
    } finally {
      this.#fetching = undefined;
    }
  }
}

const CHUNK_BYTES = 64 * 1024;

class BodyView implements HostStream {
  readonly messages = false;
  readonly #chunk: (index: number) => Promise<Uint8Array | undefined>;
  #index = 0;
  #offset = 0;
  #closed = false;

  constructor(chunk: (index: number) => Promise<Uint8Array | undefined>) {
    this.#chunk = chunk;
  }

  async read(maxBytes: number): Promise<Uint8Array | undefined> {
    if (this.#closed) return undefined;
    const chunk = await this.#chunk(this.#index);
    if (!chunk) return undefined;
    const part = chunk.subarray(this.#offset, this.#offset + maxBytes);
    this.#offset += part.length;
    if (this.#offset === chunk.length) {
      this.#index++;
      this.#offset = 0;
    }
    // Its owner may transfer what it reads; the kept bytes stay ours.
    return part.slice();
  }

  async write(): Promise<void> {
    throw new MocError("MOC_BAD_REQUEST", "A request body can only be read.");
  }

  close(): void {
    this.#closed = true;
  }
}
