import { MocError } from "../protocol/errors.ts";
import type { BufferRef } from "../protocol/host-ops.ts";
import { ByteQueue } from "./byte-queue.ts";
import type { ExchangeBuffer } from "./exchange-buffer.ts";

/** Counts the bytes that the host holds for one call: no limit of the engine sees them. */
export class ByteBudget {
  #held = 0;
  readonly #max: number;
  readonly #shared: ByteBudget | undefined;

  /** @param shared of all calls that run beside this one */
  constructor(maxBytes: number, shared?: ByteBudget) {
    this.#max = maxBytes;
    this.#shared = shared;
  }

  /** @throws MOC_LIMIT_RESPONSE */
  take(bytes: number): void {
    if (this.#held + bytes > this.#max) {
      throw new MocError(
        "MOC_LIMIT_RESPONSE",
        `the exchange buffers of the call hold more than ${this.#max >> 20} MiB; send the answer in parts, or raise limits.responseMiB`,
      );
    }
    this.#shared?.take(bytes);
    this.#held += bytes;
  }

  give(bytes: number): void {
    this.#held -= bytes;
    this.#shared?.give(bytes);
  }

  /** The call is over: nothing is held for it any more. */
  end(): void {
    this.give(this.#held);
  }

  get held(): number {
    return this.#held;
  }
}

/** An exchange buffer that is nothing but memory of the executor. */
export class MemoryBuffer implements ExchangeBuffer {
  status: number | undefined;
  readonly messages = false;
  readonly #bytes = new ByteQueue();
  readonly #budget: ByteBudget;
  #headers: Map<string, string> | string;
  #headersRead = false;
  #closed = false;

  /** `headers` may be JSON text: most guests never look, so it is parsed when one does. */
  constructor(budget: ByteBudget, headers: Map<string, string> | string = "{}") {
    this.#budget = budget;
    this.#headers = headers;
  }

  get headers(): Map<string, string> {
    if (typeof this.#headers === "string") {
      const parsed: Record<string, string> = JSON.parse(this.#headers);
      this.#headers = new Map(Object.entries(parsed));
    }
    this.#headersRead = true;
    return this.#headers;
  }

  /** Whether anybody has looked at (and so could have changed) the headers. */
  get headersRead(): boolean {
    return this.#headersRead;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get length(): number {
    return this.#bytes.length;
  }

  write(bytes: Uint8Array): void {
    if (this.#closed) throw new MocError("MOC_BAD_REQUEST", "the exchange buffer is closed");
    this.#budget.take(bytes.length);
    this.#bytes.push(bytes);
  }

  read(): Uint8Array {
    return this.#bytes.whole();
  }

  peek(): Uint8Array {
    return this.#bytes.whole();
  }

  readPart(maxBytes: number): Uint8Array | undefined {
    const part = this.#bytes.shift(maxBytes);
    if (part) this.#budget.give(part.length);
    return part;
  }

  /** Replaces the whole content (results of a computation in place). */
  replace(bytes: Uint8Array): void {
    this.#budget.give(this.#bytes.length);
    this.#bytes.clear();
    this.#budget.take(bytes.length);
    this.#bytes.push(bytes);
  }

  /** Takes the content out. */
  drain(): Uint8Array {
    this.#budget.give(this.#bytes.length);
    return this.#bytes.drain();
  }

  close(): void {
    this.#closed = true;
  }

  release(): void {
    this.drain();
  }

  toRef(): BufferRef {
    return {
      headers: Object.fromEntries(this.headers),
      ...(this.status !== undefined && { status: this.status }),
      bytes: this.read(),
    };
  }
}
