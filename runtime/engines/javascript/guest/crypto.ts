import { DOMException } from "./events.ts";
import { fromHostBytes, host, toHostBytes } from "./host.ts";
import { OP } from "./ops.ts";

const RANDOM_MAX = 65_536;
const HASHES = ["SHA-1", "SHA-256", "SHA-384", "SHA-512"];

interface Algorithm {
  readonly name: string;
  readonly hash?: string | { readonly name: string };
  readonly length?: number;
}

/** A secret for HMAC, the one kind of key there is. */
export class CryptoKey {
  readonly type = "secret";
  readonly extractable: boolean;
  readonly algorithm: Algorithm;
  readonly usages: readonly string[];
  readonly #bytes: ArrayBuffer;

  constructor(
    bytes: ArrayBuffer,
    algorithm: Algorithm,
    extractable: boolean,
    usages: readonly string[],
  ) {
    this.#bytes = bytes;
    this.algorithm = algorithm;
    this.extractable = extractable;
    this.usages = usages;
  }

  static _bytes(key: CryptoKey): ArrayBuffer {
    return key.#bytes;
  }
}

/** The part of Web Crypto that signs cookies, tokens and webhooks. */
export const subtle = {
  async digest(algorithm: string | Algorithm, data: unknown): Promise<ArrayBuffer> {
    return host(OP.DIGEST, hashName(algorithm), bytesOf(data)) as ArrayBuffer;
  },

  async importKey(
    format: string,
    data: unknown,
    algorithm: Algorithm,
    extractable: boolean,
    usages: readonly string[],
  ): Promise<CryptoKey> {
    if (format !== "raw") throw unsupported(`the key format ${format}`);
    return new CryptoKey(bytesOf(data).slice(0), hmac(algorithm), extractable, [...usages]);
  },

  async exportKey(format: string, key: CryptoKey): Promise<ArrayBuffer> {
    if (format !== "raw") throw unsupported(`the key format ${format}`);
    if (!key.extractable)
      throw new DOMException("the key is not extractable", "InvalidAccessError");
    return CryptoKey._bytes(key).slice(0);
  },

  async generateKey(
    algorithm: Algorithm,
    extractable: boolean,
    usages: readonly string[],
  ): Promise<CryptoKey> {
    const bits = algorithm.length ?? (hashName(algorithm.hash).endsWith("1") ? 512 : 1024);
    const bytes = host(OP.RANDOM, bits >> 3) as ArrayBuffer;
    return new CryptoKey(bytes, hmac(algorithm), extractable, [...usages]);
  },

  async sign(_algorithm: unknown, key: CryptoKey, data: unknown): Promise<ArrayBuffer> {
    if (!key.usages.includes("sign")) throw notFor("sign");
    return mac(key, data);
  },

  async verify(
    _algorithm: unknown,
    key: CryptoKey,
    signature: unknown,
    data: unknown,
  ): Promise<boolean> {
    if (!key.usages.includes("verify")) throw notFor("verify");
    const expected = new Uint8Array(mac(key, data));
    const given = new Uint8Array(bytesOf(signature));
    let difference = expected.length ^ given.length;
    for (let i = 0; i < expected.length; i++) difference |= (expected[i] ?? 0) ^ (given[i] ?? 0);
    return difference === 0;
  },
};

/** @see https://w3c.github.io/webcrypto/#Crypto-interface */
export const crypto = {
  subtle,

  getRandomValues<T extends ArrayBufferView>(array: T): T {
    const { buffer, byteOffset, byteLength } = array;
    if (byteLength > RANDOM_MAX) {
      throw new DOMException(`at most ${RANDOM_MAX} bytes at once`, "QuotaExceededError");
    }
    const random = fromHostBytes(host(OP.RANDOM, byteLength));
    new Uint8Array(buffer, byteOffset, byteLength).set(random);
    return array;
  },

  randomUUID(): string {
    const bytes = fromHostBytes(host(OP.RANDOM, 16));
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    let hex = "";
    for (const byte of bytes) hex += (byte + 256).toString(16).slice(1);
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  },
};

function mac(key: CryptoKey, data: unknown): ArrayBuffer {
  const hash = hashName(key.algorithm.hash);
  return host(OP.HMAC, hash, CryptoKey._bytes(key), bytesOf(data)) as ArrayBuffer;
}

function hmac(algorithm: Algorithm): Algorithm {
  if (algorithm?.name?.toUpperCase() !== "HMAC")
    throw unsupported(`the algorithm ${algorithm?.name}`);
  return { name: "HMAC", hash: { name: hashName(algorithm.hash) } };
}

function hashName(hash: unknown): string {
  const name = String(typeof hash === "object" && hash ? (hash as Algorithm).name : hash);
  if (!HASHES.includes(name.toUpperCase())) throw unsupported(`the hash ${name}`);
  return name.toUpperCase();
}

function bytesOf(data: unknown): ArrayBuffer {
  if (!(data instanceof ArrayBuffer) && !ArrayBuffer.isView(data)) {
    throw new TypeError("expected an ArrayBuffer or a view of one");
  }
  return toHostBytes(data) as ArrayBuffer;
}

function unsupported(what: string): DOMException {
  return new DOMException(`${what} is not supported`, "NotSupportedError");
}

function notFor(use: string): DOMException {
  return new DOMException(`the key is not for '${use}'`, "InvalidAccessError");
}
