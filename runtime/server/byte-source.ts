import type { Readable } from "node:stream";
import type { HostStream } from "../core/host-stream.ts";
import { MocError } from "../protocol/errors.ts";

interface ByteSourceOptions {
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
  #idle: NodeJS.Timeout | undefined;
  readonly #onEvent = () => this.#wake?.();

  constructor(readable: Readable, options: ByteSourceOptions) {
    this.#readable = readable;
    this.#options = options;
    readable.on("readable", this.#onEvent);
    readable.on("end", this.#onEvent);
    readable.on("error", (error: Error) => {
      this.#failure ??=
        (error instanceof MocError ? error : undefined) ?? options.failed(error.message, error);
      this.#onEvent();
    });
    readable.on("close", () => {
      if (!readable.readableEnded) this.#failure ??= options.failed("the other side broke off");
      this.#onEvent();
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

  async readAll(take: (bytes: Uint8Array) => void): Promise<void> {
    const readable = this.#readable;
    const onData = (chunk: Uint8Array) => {
      try {
        take(this.#count(chunk));
      } catch (error) {
        this.#failure ??= MocError.from(error);
        readable.off("data", onData);
        this.#wake?.();
      }
      this.#idle?.refresh();
    };
    // While somebody listens for it, nothing flows.
    readable.off("readable", this.#onEvent);
    readable.on("data", onData);
    try {
      while (!this.#closed && !readable.readableEnded) {
        if (this.#failure) throw this.#failure;
        await this.#more();
      }
    } finally {
      readable.off("data", onData);
      if (!readable.readableEnded) readable.pause();
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
      this.#idle = setTimeout(() => {
        this.#failure ??= this.#options.failed(`nothing came for ${this.#options.idleMs} ms`);
        this.#wake?.();
      }, this.#options.idleMs);
      this.#wake = () => {
        clearTimeout(this.#idle);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
