import { Blob, concat } from "./blob.ts";
import { TextDecoder, TextEncoder } from "./encoding.ts";
import { decodeForm, encodeForm, FormData } from "./form-data.ts";
import type { Headers } from "./headers.ts";
import { ask, fromHostBytes } from "./host.ts";
import { type ByteStream, isStream, streams } from "./lazy-streams.ts";
import { ASK } from "./ops.ts";
import { URLSearchParams } from "./url.ts";

/** A body that the host holds: the call's input, or the answer of a request. */
export class HostSource {
  readonly id: number;
  constructor(id: number) {
    this.id = id;
  }
}

/** What stands behind a body, in the form it came in. */
export type Content = undefined | string | Uint8Array | HostSource | ByteStream;

const NOTHING: { content: Content; type: string | undefined } = {
  content: undefined,
  type: undefined,
};

/** Content type of a body that was given as text. */
export const TEXT_TYPE = "text/plain;charset=UTF-8";

/** The content of an init value, and the content type that it implies. */
export function contentOf(body: unknown): { content: Content; type: string | undefined } {
  if (body === undefined || body === null) return NOTHING;
  if (typeof body === "string") return { content: body, type: TEXT_TYPE };
  if (body instanceof ArrayBuffer) {
    return { content: new Uint8Array(body.slice(0)), type: undefined };
  }
  if (ArrayBuffer.isView(body)) {
    const { buffer, byteOffset, byteLength } = body;
    return { content: new Uint8Array(buffer, byteOffset, byteLength).slice(), type: undefined };
  }
  if (isStream(body)) {
    if (body.locked) throw new TypeError("the body is a stream that is locked already");
    return { content: body, type: undefined };
  }
  if (body instanceof URLSearchParams) {
    return {
      content: body.toString(),
      type: "application/x-www-form-urlencoded;charset=UTF-8",
    };
  }
  if (body instanceof Blob) return { content: Blob._bytes(body), type: body.type || undefined };
  if (body instanceof FormData) {
    const { bytes, type } = encodeForm(body);
    return { content: bytes, type };
  }
  if (typeof body === "object" && Symbol.asyncIterator in body) {
    const iterable = body as AsyncIterable<Uint8Array>;
    return { content: streams().ReadableStream.from(iterable) as ByteStream, type: undefined };
  }
  return { content: String(body), type: TEXT_TYPE };
}

/** What lies behind an object with a body. */
export interface BodyParts {
  content: Content;
  used?: boolean;
}

/**
 * One field holds all the parts of a request or response: making fields is most of what their
 * constructors take.
 * @see https://fetch.spec.whatwg.org/#body-mixin
 */
export abstract class Body<Parts extends BodyParts = BodyParts> {
  abstract get headers(): Headers;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Not for user code. */
  static _parts<Parts extends BodyParts>(body: Body<Parts>): Parts {
    return body.#parts;
  }

  /** Takes the content out: the body is used from then on. */
  static _take(body: Body): Content {
    const parts = body.#parts;
    if (isUsed(parts)) throw new TypeError("the body has been used already");
    const { content } = parts;
    if (isStream(content) && content.locked) throw new TypeError("the body is locked");
    if (content !== undefined) parts.used = true;
    return content;
  }

  /** Content for a second reader; streams are split in two. */
  static _tee(body: Body): Content {
    const parts = body.#parts;
    if (isUsed(parts)) throw new TypeError("the body has been used already");
    if (!(parts.content instanceof HostSource) && !isStream(parts.content)) return parts.content;
    const [mine, theirs] = (body.body as ByteStream).tee();
    parts.content = mine;
    return theirs;
  }

  get body(): ByteStream | null {
    const parts = this.#parts;
    if (parts.content === undefined) return null;
    if (!isStream(parts.content)) parts.content = toStream(parts.content);
    return parts.content;
  }

  get bodyUsed(): boolean {
    return isUsed(this.#parts);
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return readBytes(Body._take(this));
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }

  async text(): Promise<string> {
    const content = Body._take(this);
    if (typeof content === "string") return content;
    if (content instanceof HostSource) return ask(ASK.BODY_TEXT, content.id);
    return new TextDecoder().decode(await readBytes(content));
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async blob(): Promise<Blob> {
    return new Blob([await this.bytes()], { type: this.headers.get("content-type") ?? "" });
  }

  async formData(): Promise<FormData> {
    return decodeForm(await this.bytes(), this.headers.get("content-type") ?? "");
  }
}

/** A stream that somebody reads from is used, too. */
function isUsed({ used, content }: BodyParts): boolean {
  if (used || !isStream(content)) return used === true;
  return Boolean((content as unknown as { _disturbed?: boolean })._disturbed);
}

/** All bytes of a content. */
export async function readBytes(content: Content): Promise<Uint8Array<ArrayBuffer>> {
  if (content === undefined) return new Uint8Array(0);
  if (typeof content === "string") return new TextEncoder().encode(content);
  if (content instanceof Uint8Array) return content.slice();
  if (content instanceof HostSource) return fromHostBytes(await ask(ASK.BODY_BYTES, content.id));
  const parts: Uint8Array[] = [];
  for await (const chunk of chunksOf(content)) parts.push(chunk);
  return concat(parts);
}

/** Chunks of a stream as bytes; text is encoded. */
export async function* chunksOf(stream: ByteStream): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let finished = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        finished = true;
        return;
      }
      if ((value as unknown) instanceof Uint8Array) yield value;
      else if (typeof value === "string") yield new TextEncoder().encode(value);
      else throw new TypeError("a chunk of the body is neither bytes nor text");
    }
  } finally {
    // Whoever stops reading early lets the source know.
    if (!finished) await reader.cancel().catch(() => undefined);
    reader.releaseLock();
  }
}

function toStream(content: string | Uint8Array | HostSource): ByteStream {
  const { ReadableStream } = streams();
  if (content instanceof HostSource) {
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const part = await ask<ArrayBuffer | undefined>(ASK.BODY_PART, content.id);
          if (part === undefined) controller.close();
          else controller.enqueue(fromHostBytes(part));
        },
        cancel: () => ask(ASK.BODY_CANCEL, content.id),
      },
      { highWaterMark: 0 },
    );
  }
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}
