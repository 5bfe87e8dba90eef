import { MocError } from "../protocol/errors.ts";
import type { BufferRef, HostClient, StreamID } from "../protocol/host-ops.ts";
import { ByteQueue } from "./byte-queue.ts";
import type { ExchangeBuffer } from "./exchange-buffer.ts";
import type { ByteBudget } from "./memory-buffer.ts";

const PART_BYTES = 256 * 1024;

export interface StreamBufferOptions {
  readonly stream: StreamID;
  readonly messages: boolean;
  readonly headers: Map<string, string>;
  readonly status?: number;
  /** Most bytes that `read` may collect. */
  readonly wholeMax: number;
  /** Counts what arrived and is not consumed. */
  readonly budget?: ByteBudget;
}

/** An exchange buffer whose bytes pass through a stream of the host, piece by piece. */
export class StreamBuffer implements ExchangeBuffer {
  readonly headers: Map<string, string>;
  readonly messages: boolean;
  status: number | undefined;
  readonly #host: HostClient;
  readonly #stream: StreamID;
  readonly #wholeMax: number;
  readonly #budget: ByteBudget | undefined;
  /** Bytes that arrived and are not consumed. */
  readonly #arrived = new ByteQueue();
  #ended = false;
  #closed = false;

  constructor(host: HostClient, options: StreamBufferOptions) {
    this.#host = host;
    this.#stream = options.stream;
    this.#wholeMax = options.wholeMax;
    this.#budget = options.budget;
    this.headers = options.headers;
    this.messages = options.messages;
    this.status = options.status;
  }

  get closed(): boolean {
    return this.#closed;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#closed) throw new MocError("MOC_BAD_REQUEST", "the exchange buffer is closed");
    // The guest's memory may change while the write waits.
    return this.#host.streamWrite(this.#stream, bytes.slice());
  }

  async read(): Promise<Uint8Array | undefined> {
    const content = await this.peek();
    if (this.messages) this.#clear();
    return content;
  }

  async peek(): Promise<Uint8Array | undefined> {
    while (!this.#ended && !(this.messages && this.#arrived.length > 0)) await this.#pull();
    if (this.messages && this.#arrived.length === 0) return undefined;
    return this.#arrived.whole();
  }

  async readPart(maxBytes: number): Promise<Uint8Array | undefined> {
    if (this.#arrived.length === 0 && !this.#ended) await this.#pull();
    const part = this.#arrived.shift(maxBytes);
    if (part) this.#budget?.give(part.length);
    return part;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#host.streamClose(this.#stream);
  }

  release(): void {
    // The host lets go of a call's streams when the call ends; until then an early close is a
    // courtesy whose failure changes nothing.
    if (!this.#closed) this.#host.streamClose(this.#stream).catch(() => undefined);
    this.#closed = true;
    this.#clear();
  }

  toRef(): BufferRef {
    const head = {
      headers: Object.fromEntries(this.headers),
      ...(this.status !== undefined && { status: this.status }),
    };
    if (this.#ended) return { ...head, bytes: this.#arrived.whole() };
    if (this.#arrived.length > 0) {
      throw new MocError(
        "MOC_BAD_REQUEST",
        "the buffer was read in part; read it to its end before giving it to somebody else",
      );
    }
    return { ...head, stream: this.#stream };
  }

  #clear(): void {
    this.#budget?.give(this.#arrived.length);
    this.#arrived.clear();
  }

  async #pull(): Promise<void> {
    const part = await this.#host.streamRead(this.#stream, PART_BYTES);
    if (part === undefined) {
      this.#ended = true;
      return;
    }
    if (this.#arrived.length + part.length > this.#wholeMax) {
      throw new MocError(
        "MOC_TOO_LARGE",
        `the content is larger than ${this.#wholeMax >> 20} MiB; read it in parts, or raise limits.requestMiB`,
      );
    }
    this.#budget?.take(part.length);
    this.#arrived.push(part);
  }
}
