import type { HostClient } from "../protocol/host-ops.ts";
import { type ByteBudget, MemoryBuffer } from "./memory-buffer.ts";

/** Collected output beyond which an answer is sent in pieces. */
const FLUSH_BYTES = 64 * 1024;

/**
 * The output of a call: memory, sent with the result, unless it grows or the guest wants it sent
 * now; from then on it is a stream with back-pressure.
 */
export class OutputBuffer extends MemoryBuffer {
  readonly #host: HostClient;
  readonly #sink: boolean;
  #started = false;

  constructor(host: HostClient, budget: ByteBudget, sink: boolean, headers: Map<string, string>) {
    super(budget, headers);
    this.#host = host;
    this.#sink = sink;
  }

  /** The answer can be sent in pieces. */
  get streams(): boolean {
    return this.#sink;
  }

  /** Status and headers are on their way to the client and cannot change any more. */
  get started(): boolean {
    return this.#started;
  }

  override write(bytes: Uint8Array): void | Promise<void> {
    super.write(bytes);
    if (this.#sink && this.length >= FLUSH_BYTES) return this.flush();
  }

  /** Sends what there is. Does nothing where the answer can only be given whole. */
  async flush(): Promise<void> {
    if (!this.#sink) return;
    if (!this.#started) {
      this.#started = true;
      await this.#host.outputStart(this.status ?? 200, Object.fromEntries(this.headers));
    }
    if (this.length > 0) await this.#host.outputWrite(this.drain());
  }
}
