import type { Headers } from "../protocol/host-ops.ts";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";

/** What of an answer went out while its call still ran: its head, its first bytes and its size. */
export class StreamedOutput {
  readonly status: number;
  readonly headers: Headers;
  readonly #first: Uint8Array[] = [];
  #firstBytes = 0;
  #length = 0;

  constructor(status: number, headers: Headers) {
    this.status = status;
    this.headers = headers;
  }

  /** Bytes that went out so far. */
  get length(): number {
    return this.#length;
  }

  add(bytes: Uint8Array): void {
    this.#length += bytes.length;
    const room = PLATFORM_LIMITS.exchangeBodyBytes.value - this.#firstBytes;
    if (room <= 0) return;
    // A copy: the rest of a long answer must not be kept alive.
    const part = new Uint8Array(bytes.subarray(0, room));
    this.#first.push(part);
    this.#firstBytes += part.length;
  }

  /** The first bytes, up to `exchangeBodyBytes`. */
  get first(): Uint8Array {
    return this.#first.length === 1 && this.#first[0]
      ? this.#first[0]
      : Buffer.concat(this.#first, this.#firstBytes);
  }
}
