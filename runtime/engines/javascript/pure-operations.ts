import { createHash, createHmac, randomBytes } from "node:crypto";
import { TextDecoder } from "node:util";
import type { CallArguments } from "./call-arguments.ts";
import { OP } from "./guest/ops.ts";
import { type HostValue, Json } from "./host-value.ts";

const RANDOM_MAX = 65_536;
/** Decoders in the middle of a stream that one machine may hold. */
const DECODERS_MAX = 256;

const HASHES: { readonly [name: string]: string } = {
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

/** Operations that need nothing of a call, and are therefore allowed while a script is loaded. */
export class PureOperations {
  #decoders: Map<number, TextDecoder> | undefined;

  /** Answers undefined for operations that are not pure: ask {@link isPure} first. */
  answer(operation: number, args: CallArguments): HostValue {
    switch (operation) {
      case OP.ENCODE:
        return args.bytes(0);
      case OP.DECODE:
        return this.#decode(args);
      case OP.ENCODING:
        return encodingOf(args.text(0));
      case OP.RANDOM:
        return new Uint8Array(randomBytes(Math.min(Math.max(0, args.integer(0)), RANDOM_MAX)));
      case OP.NOW:
        return performance.now();
      case OP.URL_PARSE:
        return parseUrl(args.text(0), args.isUndefined(1) ? undefined : args.text(1));
      case OP.URL_SET:
        return changeUrl(args.text(0), args.text(1), args.text(2));
      case OP.FORM_DECODE:
        return new Json(JSON.stringify([...new URLSearchParams(args.text(0))]));
      case OP.FORM_ENCODE:
        return new URLSearchParams(JSON.parse(args.text(0)) as [string, string][]).toString();
      case OP.BASE64_ENCODE:
        return Buffer.from(args.bytes(0)).toString("base64");
      case OP.BASE64_DECODE:
        return forgivingBase64(args.text(0));
      case OP.DIGEST:
        return new Uint8Array(
          createHash(hashOf(args.text(0)))
            .update(args.bytes(1))
            .digest(),
        );
      case OP.HMAC:
        return new Uint8Array(
          createHmac(hashOf(args.text(0)), args.bytes(1))
            .update(args.bytes(2))
            .digest(),
        );
      default:
        return undefined;
    }
  }

  #decode(args: CallArguments): string {
    const label = args.text(0);
    const flags = args.integer(1);
    const id = args.integer(2);
    const bytes = args.bytes(3);
    const options = { fatal: (flags & 1) !== 0, ignoreBOM: (flags & 2) !== 0 };
    const stream = (flags & 4) !== 0;
    const decoder = this.#decoders?.get(id) ?? new TextDecoder(label, options);
    if (stream) {
      this.#decoders ??= new Map();
      if (this.#decoders.size >= DECODERS_MAX) throw new RangeError("too many decoders are in use");
      this.#decoders.set(id, decoder);
    } else {
      this.#decoders?.delete(id);
    }
    return decoder.decode(bytes, { stream });
  }
}

const PURE: ReadonlySet<number> = new Set([
  OP.ENCODE,
  OP.DECODE,
  OP.ENCODING,
  OP.RANDOM,
  OP.NOW,
  OP.URL_PARSE,
  OP.URL_SET,
  OP.FORM_DECODE,
  OP.FORM_ENCODE,
  OP.BASE64_ENCODE,
  OP.BASE64_DECODE,
  OP.DIGEST,
  OP.HMAC,
]);

/** Whether an operation needs nothing of a call. */
export function isPure(operation: number): boolean {
  return PURE.has(operation);
}

function encodingOf(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function hashOf(name: string): string {
  const hash = HASHES[name];
  if (!hash) throw new TypeError(`${name} is not a hash that is supported`);
  return hash;
}

function parseUrl(url: string, base: string | undefined): Json {
  // URL.parse does not throw, which is cheaper where the guest only asks whether it can be parsed.
  const parsed = URL.parse(url, base);
  if (!parsed) throw new TypeError(`"${url}" is not a valid URL`);
  return partsOf(parsed);
}

const SETTABLE = new Set([
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
]);

function changeUrl(href: string, part: string, value: string): Json {
  const url = new URL(href);
  if (!SETTABLE.has(part)) throw new TypeError(`a URL has no part "${part}" to change`);
  url[part as "hash"] = value;
  return partsOf(url);
}

function partsOf(url: URL): Json {
  const { href, origin, protocol, username, password, host, hostname, port } = url;
  const { pathname, search, hash } = url;
  return new Json(
    JSON.stringify({
      href,
      origin,
      protocol,
      username,
      password,
      host,
      hostname,
      port,
      pathname,
      search,
      hash,
    }),
  );
}

/** @see https://infra.spec.whatwg.org/#forgiving-base64-decode */
function forgivingBase64(text: string): Uint8Array | undefined {
  let clean = text.replace(/[\t\n\f\r ]/g, "");
  if (clean.length % 4 === 0) clean = clean.replace(/={1,2}$/, "");
  if (clean.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(clean)) return undefined;
  return new Uint8Array(Buffer.from(clean, "base64"));
}
