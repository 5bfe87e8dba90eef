import { hash } from "node:crypto";
import { MocError } from "../protocol/errors.ts";
import type { KeyValue } from "../protocol/host-ops.ts";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import type { Events } from "./events.ts";
import {
  type Change,
  type Cursor,
  type KeyRange,
  type Keyspace,
  keyText,
  type Operation,
} from "./keyspace.ts";

const { listBytes, batchEntries, batchBytes } = PLATFORM_LIMITS;

/** The key-value store of the guests. */
export class Kv {
  readonly #keyspace: Keyspace;
  readonly #events: Events;

  constructor(keyspace: Keyspace, events: Events) {
    this.#keyspace = keyspace;
    this.#events = events;
  }

  /** The value on disk. */
  get(key: Uint8Array): Uint8Array | undefined {
    return this.#keyspace.get("kv", key);
  }

  /** Walks over entries as they are now. */
  cursor(range: KeyRange): Cursor {
    return this.#keyspace.cursor("kv", range);
  }

  /**
   * Writes and deletes together; resolves when all is on disk.
   * @throws MOC_TOO_LARGE
   */
  async batch(puts: readonly KeyValue[], deletes: readonly Uint8Array[]): Promise<void> {
    await this.#keyspace.commit(operationsOf(puts, deletes));
    this.#tell(puts, deletes);
  }

  /**
   * Writes one key if its value still has this etag; `*`: any, but the key must be there;
   * `undefined`: the key must be absent.
   * @returns the etag of the new value
   * @throws MOC_CONFLICT, MOC_TOO_LARGE
   */
  async putIf(key: Uint8Array, value: Uint8Array, etag: string | undefined): Promise<string> {
    const operations = operationsOf([{ key, value }], []);
    await this.#keyspace.transact((): Change => {
      this.#check(key, etag);
      return { operations, result: undefined };
    });
    this.#tell([{ key, value }], []);
    return etagOf(value);
  }

  /**
   * Deletes one key if its value still has this etag; `*`: any.
   * @throws MOC_CONFLICT
   */
  async deleteIf(key: Uint8Array, etag: string): Promise<void> {
    const operations = operationsOf([], [key]);
    await this.#keyspace.transact((): Change => {
      this.#check(key, etag);
      return { operations, result: undefined };
    });
    this.#tell([], [key]);
  }

  /**
   * Keys that start with `prefix`, ascending by bytes, after `after` (exclusive).
   * @param count at most PLATFORM_LIMITS.listPage
   * @throws MOC_TOO_LARGE when the values together are too large for one answer
   */
  async list(
    prefix: Uint8Array,
    after: Uint8Array | undefined,
    count: number,
  ): Promise<KeyValue[]> {
    const most = Math.min(Math.max(count, 0), PLATFORM_LIMITS.listPage.value);
    const found: KeyValue[] = [];
    let bytes = 0;
    if (most === 0) return found;
    for await (const entry of this.#keyspace.entries("kv", { prefix, after })) {
      bytes += entry.key.length + entry.value.length;
      if (bytes > listBytes.value) {
        throw new MocError(
          "MOC_TOO_LARGE",
          `${most} entries are over ${listBytes.value} bytes together; ask for fewer at once`,
        );
      }
      found.push(entry);
      if (found.length === most) break;
    }
    return found;
  }

  #check(key: Uint8Array, etag: string | undefined): void {
    const present = this.get(key);
    if (etag === "*" && present) return;
    const now = present && etagOf(present);
    if (now === etag) return;
    throw new MocError(
      "MOC_CONFLICT",
      `key '${keyText(key).slice(0, 100)}' was changed meanwhile; read it again`,
    );
  }

  #tell(puts: readonly KeyValue[], deletes: readonly Uint8Array[]): void {
    if (!this.#events.wants("kv")) return;
    const at = Date.now();
    for (const { key } of puts) {
      this.#events.emit({ kind: "kv", at, key: keyText(key), deleted: false });
    }
    for (const key of deletes) {
      this.#events.emit({ kind: "kv", at, key: keyText(key), deleted: true });
    }
  }
}

/** Tells whether a value is the one that was read: half of its SHA-256, in hex. */
export function etagOf(value: Uint8Array): string {
  return hash("sha256", value, "hex").slice(0, 32);
}

function operationsOf(puts: readonly KeyValue[], deletes: readonly Uint8Array[]): Operation[] {
  if (puts.length + deletes.length > batchEntries.value) {
    throw new MocError("MOC_TOO_LARGE", `a batch may have ${batchEntries.value} entries at most`);
  }
  let bytes = 0;
  const operations: Operation[] = [];
  for (const { key, value } of puts) {
    checkKey(key);
    const max = PLATFORM_LIMITS.valueBytes.value;
    if (value.length > max) throw tooLarge(`value of key '${keyText(key)}'`, value.length, max);
    bytes += key.length + value.length;
    if (bytes > batchBytes.value) throw tooLarge("batch", bytes, batchBytes.value);
    operations.push({ type: "put", section: "kv", key, value });
  }
  for (const key of deletes) {
    checkKey(key);
    operations.push({ type: "del", section: "kv", key });
  }
  return operations;
}

function checkKey(key: Uint8Array): void {
  const max = PLATFORM_LIMITS.keyBytes.value;
  if (key.length > max) throw tooLarge("key", key.length, max);
}

function tooLarge(what: string, length: number, max: number): MocError {
  return new MocError(
    "MOC_TOO_LARGE",
    `the ${what.slice(0, 200)} has ${length} bytes, ${max} are allowed`,
  );
}
