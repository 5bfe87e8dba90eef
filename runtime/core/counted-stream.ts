import type { HostStream } from "./host-stream.ts";

/** The input of a call as it comes, which counts what was taken of it. */
export class CountedStream implements HostStream {
  readonly messages: boolean;
  readonly readAll?: NonNullable<HostStream["readAll"]>;
  readonly #source: HostStream;
  #length = 0;

  constructor(source: HostStream) {
    this.#source = source;
    this.messages = source.messages;
    // Where the source has none, those who want everything read instead.
    if (source.readAll) this.readAll = (take) => this.#takeAll(take);
  }

  /** Bytes that were taken so far. */
  get length(): number {
    return this.#length;
  }

  async read(maxBytes: number): Promise<Uint8Array | undefined> {
    const bytes = await this.#source.read(maxBytes);
    this.#length += bytes?.length ?? 0;
    return bytes;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#source.write(bytes);
  }

  close(): void {
    this.#source.close();
  }

  async #takeAll(take: (bytes: Uint8Array) => void): Promise<void> {
    await this.#source.readAll?.((bytes) => {
      this.#length += bytes.length;
      take(bytes);
    });
  }
}
