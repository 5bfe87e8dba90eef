import type { CallContext } from "./call-context.ts";
import { type ByteBudget, MemoryBuffer } from "./memory-buffer.ts";

/** Collected output beyond which an answer is sent in pieces. */
const FLUSH_BYTES = 64 * 1024;

/**
 * The output of a call: memory, sent with the result, unless it grows or the guest wants it sent
 * now; from then on it is a stream with back-pressure.
 */
export class OutputBuffer extends MemoryBuffer {
  readonly #call: Pick<CallContext, "host">;
  readonly #sink: boolean;
  #started = false;

  constructor(
    call: Pick<CallContext, "host">,
    budget: ByteBudget,
    sink: boolean,
    headers: Map<string, string>,
  ) {
    super(budget, headers);
    this.#call = call;
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
      await this.#call.host.outputStart(this.status ?? 200, Object.fromEntries(this.headers));
    }
    if (this.length > 0) await this.#call.host.outputWrite(this.drain());
  }
}
