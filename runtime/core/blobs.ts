import { createHash, hash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { MocError } from "../protocol/errors.ts";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import type { Blob, TechID } from "../protocol/model.ts";
import { type ArrivedBlob, BlobArrivals } from "./blob-arrivals.ts";
import type { HostStream } from "./host-stream.ts";
import {
  bytesJson,
  type Change,
  jsonBytes,
  type Keyspace,
  type KeyspaceReader,
  textKey,
} from "./keyspace.ts";

/** What tests and the wiring decide. */
export interface BlobsOptions {
  /** Whether a content type belongs to an engine. */
  readonly isExecutable?: (contentType: string) => boolean;
  /** Largest blob in bytes. */
  readonly maxBytes?: number;
  /** Milliseconds since 1970; tests have a clock of their own. */
  readonly now?: () => number;
}

const READ_BYTES = 256 * 1024;
/** Hashed in about a millisecond. */
const HASH_BYTES = 1024 * 1024;
/** From here on reading and hashing would hold up everything else for too long. */
const LARGE_BYTES = 256 * 1024;
const TECH_ID = /^[0-9a-f]{64}$/;

/** Whether a text has the form of a techID; there may be no such blob. */
export function isTechID(text: string): text is TechID {
  return TECH_ID.test(text);
}

/**
 * Immutable bytes, named by their SHA-256.
 *
 * The techID says nothing about the content type, so the same bytes can be registered under two:
 * the latest registration's holds, except that an executable type is not replaced by one that no
 * engine runs (a function's source that is also uploaded as a plain file must stay a function).
 */
export class Blobs {
  readonly #keyspace: Keyspace;
  readonly #isExecutable: (contentType: string) => boolean;
  readonly #maxBytes: number;
  readonly #now: () => number;
  /** When somebody last stored again or asked for what is there: what was asked for may soon be used. */
  readonly #asked = new Map<TechID, number>();
  readonly #arrivals = new BlobArrivals();
  #infos = new Map<TechID, Blob>();

  constructor(keyspace: Keyspace, options: BlobsOptions = {}) {
    this.#keyspace = keyspace;
    this.#isExecutable = options.isExecutable ?? (() => false);
    this.#maxBytes = options.maxBytes ?? PLATFORM_LIMITS.blobBytes.value;
    this.#now = options.now ?? Date.now;
  }

  /** Reads everything; the answer installs it. */
  async load(content: KeyspaceReader): Promise<() => void> {
    const infos = new Map<TechID, Blob>();
    for await (const { value } of content.entries("blob-info")) {
      const blob = bytesJson<Blob>(value);
      infos.set(blob.techID, blob);
    }
    return () => {
      this.#infos = infos;
      this.#asked.clear();
    };
  }

  /**
   * Resolves when the bytes are on disk. Bytes that are there already are not written again.
   * @throws MOC_TOO_LARGE, MOC_BAD_REQUEST (content type)
   */
  async register(contentType: string, bytes: Uint8Array): Promise<Blob> {
    if (bytes.length > this.#maxBytes) throw this.#tooLarge();
    const type = checkContentType(contentType);
    return this.#store(await hashBlob(bytes), type, bytes);
  }

  /**
   * Registers what a stream delivers, at most the largest blob; the stream is closed.
   * @throws as `register`
   */
  async registerStream(contentType: string, stream: HostStream): Promise<Blob> {
    const type = checkContentType(contentType);
    const sha = createHash("sha256");
    const parts: Uint8Array[] = [];
    let length = 0;
    try {
      for (let part = await stream.read(READ_BYTES); part; part = await stream.read(READ_BYTES)) {
        length += part.length;
        if (length > this.#maxBytes) throw this.#tooLarge();
        sha.update(part);
        parts.push(part);
      }
    } finally {
      stream.close();
    }
    return this.#store(sha.digest("hex"), type, Buffer.concat(parts, length));
  }

  info(techID: TechID): Blob | undefined {
    return this.#infos.get(techID);
  }

  /** Like `info`, by somebody who is about to use the blob: it stays for a while. */
  ask(techID: TechID): Blob | undefined {
    const blob = this.#infos.get(techID);
    if (blob) this.#asked.set(techID, this.#now());
    return blob;
  }

  /** Milliseconds since the blob was stored or asked for. */
  idleMs({ techID, createdAt }: Blob): number {
    return this.#now() - Math.max(createdAt, this.#asked.get(techID) ?? 0);
  }

  /** A blob that is being written: what the disk will say of it is sure already. */
  arriving(techID: TechID): ArrivedBlob | undefined {
    return this.#arrivals.get(techID);
  }

  /** Waits for a blob that is not there yet until it is, or is being written; for `ms` at most. */
  async arrival(techID: TechID, ms: number): Promise<void> {
    if (!this.#infos.has(techID)) await this.#arrivals.wait(techID, ms);
  }

  /**
   * @throws MOC_NOT_FOUND
   */
  require(techID: TechID): Blob {
    const blob = this.ask(techID);
    if (blob) return blob;
    throw new MocError("MOC_NOT_FOUND", `there is no blob ${techID}; upload it first`);
  }

  /**
   * @throws MOC_NOT_FOUND
   */
  async bytes(techID: TechID): Promise<Uint8Array> {
    const { length } = this.require(techID);
    const key = textKey(techID);
    const bytes =
      length < LARGE_BYTES
        ? this.#keyspace.get("blob-bytes", key)
        : await this.#keyspace.read("blob-bytes", key);
    if (bytes) return bytes;
    // Removed while it was read.
    this.require(techID);
    throw new MocError("MOC_DATA_CORRUPT", `the bytes of blob ${techID} are missing; restore them`);
  }

  all(): IterableIterator<Blob> {
    return this.#infos.values();
  }

  get count(): number {
    return this.#infos.size;
  }

  /** Forgets blobs; to be worked out and joined with what shows that nothing refers to them. */
  removeChange(blobs: readonly Blob[]): Change {
    return {
      operations: blobs.flatMap(({ techID }) => {
        const key = textKey(techID);
        return [
          { type: "del", section: "blob-info", key } as const,
          { type: "del", section: "blob-bytes", key } as const,
        ];
      }),
      apply: () => {
        for (const { techID } of blobs) {
          this.#infos.delete(techID);
          this.#asked.delete(techID);
        }
      },
      result: undefined,
    };
  }

  #store(techID: TechID, contentType: string, bytes: Uint8Array): Promise<Blob> {
    const known = this.ask(techID);
    if (known && !this.#replaces(contentType, known)) return Promise.resolve(known);
    const written = this.#keyspace.transact(() => this.#change(techID, contentType, bytes));
    return known ? written : this.#arrivals.during(techID, { contentType, bytes }, written);
  }

  #change(techID: TechID, contentType: string, bytes: Uint8Array): Change<Blob> {
    const known = this.#infos.get(techID);
    if (known && !this.#replaces(contentType, known)) return { operations: [], result: known };
    const blob: Blob = {
      techID,
      contentType,
      length: bytes.length,
      createdAt: known?.createdAt ?? this.#now(),
    };
    const key = textKey(techID);
    const info = { type: "put", section: "blob-info", key, value: jsonBytes(blob) } as const;
    const content = { type: "put", section: "blob-bytes", key, value: bytes } as const;
    return {
      operations: known ? [info] : [info, content],
      apply: () => this.#infos.set(techID, blob),
      result: blob,
    };
  }

  #replaces(contentType: string, known: Blob): boolean {
    if (contentType === known.contentType) return false;
    return this.#isExecutable(contentType) || !this.#isExecutable(known.contentType);
  }

  #tooLarge(): MocError {
    return new MocError("MOC_TOO_LARGE", `a blob may have ${this.#maxBytes} bytes at most`);
  }
}

/** Name of a blob's bytes; large content is hashed in parts, between which other work gets its turn. */
export async function hashBlob(bytes: Uint8Array): Promise<TechID> {
  if (bytes.length < LARGE_BYTES) return hash("sha256", bytes, "hex");
  const sha = createHash("sha256");
  for (let at = 0; at < bytes.length; at += HASH_BYTES) {
    if (at > 0) await setImmediate();
    sha.update(bytes.subarray(at, at + HASH_BYTES));
  }
  return sha.digest("hex");
}

/** A content type as RFC 9110 section 8.3.1 writes it; it ends up in a header. */
function checkContentType(contentType: string): string {
  const type = contentType.trim();
  if (/^[\w!#$&^.+-]+\/[\w!#$&^.+*-]+(\s*;[\x20-\x7e]*)?$/.test(type) && type.length <= 256) {
    return type;
  }
  throw new MocError(
    "MOC_BAD_REQUEST",
    `content_type '${contentType.slice(0, 100)}' is not a content type such as text/javascript`,
  );
}
