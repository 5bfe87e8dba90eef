import { TextDecoder, TextEncoder } from "./encoding.ts";
import { type ByteStream, streams } from "./lazy-streams.ts";

interface BlobInit {
  readonly type?: string;
}

/** Bytes of several parts together. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const all = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

/** @see https://w3c.github.io/FileAPI/#blob-section */
export class Blob {
  readonly type: string;
  readonly #bytes: Uint8Array<ArrayBuffer>;

  constructor(parts: Iterable<unknown> = [], init: BlobInit = {}) {
    this.#bytes = concat(Array.from(parts, bytesOf));
    this.type = String(init.type ?? "").toLowerCase();
  }

  static _bytes(blob: Blob): Uint8Array<ArrayBuffer> {
    return blob.#bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  slice(start?: number, end?: number, type = ""): Blob {
    return new Blob([this.#bytes.slice(start, end)], { type });
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(this.#bytes);
  }

  async bytes(): Promise<Uint8Array> {
    return this.#bytes.slice();
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes.slice().buffer;
  }

  stream(): ByteStream {
    const bytes = this.#bytes;
    return new (streams().ReadableStream)<Uint8Array>({
      start(controller) {
        if (bytes.length > 0) controller.enqueue(bytes.slice());
        controller.close();
      },
    });
  }

  get [Symbol.toStringTag](): string {
    return "Blob";
  }
}

export class File extends Blob {
  readonly name: string;
  readonly lastModified: number;

  constructor(
    parts: Iterable<unknown>,
    name: unknown,
    init: BlobInit & { readonly lastModified?: number } = {},
  ) {
    super(parts, init);
    this.name = String(name);
    this.lastModified = init.lastModified ?? Date.now();
  }

  override get [Symbol.toStringTag](): string {
    return "File";
  }
}

function bytesOf(part: unknown): Uint8Array {
  if (part instanceof Blob) return Blob._bytes(part);
  if (part instanceof ArrayBuffer) return new Uint8Array(part.slice(0));
  if (ArrayBuffer.isView(part)) {
    return new Uint8Array(part.buffer, part.byteOffset, part.byteLength).slice();
  }
  return new TextEncoder().encode(part);
}
