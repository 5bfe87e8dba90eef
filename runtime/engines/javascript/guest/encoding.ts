import { fromHostBytes, host, makeError, nextId, toHostBytes } from "./host.ts";
import { OP } from "./ops.ts";

/** @see https://encoding.spec.whatwg.org/#interface-textencoder */
export class TextEncoder {
  get encoding(): string {
    return "utf-8";
  }

  encode(input: unknown = ""): Uint8Array<ArrayBuffer> {
    return fromHostBytes(host(OP.ENCODE, String(input).toWellFormed()));
  }

  encodeInto(source: string, destination: Uint8Array): { read: number; written: number } {
    let read = 0;
    let written = 0;
    for (const character of source) {
      const bytes = this.encode(character);
      if (written + bytes.length > destination.length) break;
      destination.set(bytes, written);
      written += bytes.length;
      read += character.length;
    }
    return { read, written };
  }
}

interface DecoderOptions {
  readonly fatal?: boolean;
  readonly ignoreBOM?: boolean;
}

/** Decoding is the host's: every encoding of the standard, with its state between chunks. */
export class TextDecoder {
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  #id = 0;

  constructor(label: unknown = "utf-8", options: DecoderOptions = {}) {
    const encoding = host(OP.ENCODING, String(label));
    if (encoding === undefined) {
      throw new RangeError(`The "${label}" encoding is not supported`);
    }
    this.encoding = encoding as string;
    this.fatal = Boolean(options.fatal);
    this.ignoreBOM = Boolean(options.ignoreBOM);
  }

  decode(input?: unknown, options: { readonly stream?: boolean } = {}): string {
    if (options.stream && this.#id === 0) this.#id = nextId();
    const flags = (this.fatal ? 1 : 0) | (this.ignoreBOM ? 2 : 0) | (options.stream ? 4 : 0);
    const text = host(OP.DECODE, this.encoding, flags, this.#id, toHostBytes(input));
    if (!options.stream) this.#id = 0;
    return text as string;
  }
}

/** @see https://html.spec.whatwg.org/#dom-btoa */
export function btoa(data: unknown): string {
  const text = String(data);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) throw invalidCharacter("btoa: a character is outside of Latin-1");
    bytes[i] = code;
  }
  return host(OP.BASE64_ENCODE, bytes.buffer) as string;
}

/** @see https://html.spec.whatwg.org/#dom-atob */
export function atob(data: unknown): string {
  const bytes = host(OP.BASE64_DECODE, String(data));
  if (bytes === undefined) throw invalidCharacter("atob: the text is not base64");
  let text = "";
  for (const byte of fromHostBytes(bytes)) text += String.fromCharCode(byte);
  return text;
}

function invalidCharacter(message: string): Error {
  const error = makeError({ name: "Error", message });
  error.name = "InvalidCharacterError";
  return error;
}
