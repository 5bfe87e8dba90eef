import type { Readable } from "node:stream";
import type { HostStream } from "../core/host-stream.ts";
import { MocError } from "../protocol/errors.ts";

export interface ByteSourceOptions {
  /** Bytes after which `tooLarge` is thrown. */
  readonly limitBytes: number;
  readonly tooLarge: () => MocError;
  /** The other side broke off or fell silent. */
  readonly failed: (reason: string, cause?: unknown) => MocError;
  /** Longest wait for the next bytes, in ms. */
  readonly idleMs: number;
  /** What closing does to the readable: `destroy` breaks the connection off, `leave` does not. */
  readonly onClose: "destroy" | "leave";
}

/** A Node readable as the reading side of an exchange buffer; what is not read is not fetched. */
export class ByteSource implements HostStream {
  readonly messages = false;
  readonly #readable: Readable;
  readonly #options: ByteSourceOptions;
  #taken = 0;
  #closed = false;
  #failure: MocError | undefined;
  #wake: (() => void) | undefined;

  constructor(readable: Readable, options: ByteSourceOptions) {
    this.#readable = readable;
    this.#options = options;
    const wake = () => this.#wake?.();
    readable.on("readable", wake);
    readable.on("end", wake);
    readable.on("error", (error: Error) => {
      this.#failure ??=
        (error instanceof MocError ? error : undefined) ?? options.failed(error.message, error);
      wake();
    });
    readable.on("close", () => {
      if (!readable.readableEnded) this.#failure ??= options.failed("the other side broke off");
      wake();
    });
  }

  async read(maxBytes: number): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#closed) return undefined;
      const waiting = this.#readable.readableLength;
      const chunk: Uint8Array | null =
        waiting > maxBytes ? this.#readable.read(maxBytes) : this.#readable.read();
      if (chunk !== null) return this.#count(chunk);
      if (this.#readable.readableEnded) return undefined;
      if (this.#failure) throw this.#failure;
      await this.#more();
    }
  }

  async write(): Promise<void> {
    throw new MocError("MOC_BAD_REQUEST", "This exchange buffer can only be read.");
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#options.onClose === "destroy") this.#readable.destroy();
    this.#wake?.();
  }

  #count(chunk: Uint8Array): Uint8Array {
    this.#taken += chunk.length;
    if (this.#taken <= this.#options.limitBytes) return chunk;
    this.#failure ??= this.#options.tooLarge();
    throw this.#failure;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#failure ??= this.#options.failed(`nothing came for ${this.#options.idleMs} ms`);
        this.#wake?.();
      }, this.#options.idleMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
