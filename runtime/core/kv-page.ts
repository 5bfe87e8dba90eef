import type { KvEntry, KvPage } from "../protocol/rest.ts";
import { keyText, textKey } from "./keyspace.ts";
import { etagOf, type Kv } from "./kv.ts";

/** Which keys are wanted, as the REST API takes it. */
export interface KvPageQuery {
  readonly prefix: string;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly limit: number;
}

const HEAD_BYTES = 256;
/** A page ends early rather than read more bytes of values than this. */
const READ_BYTES_MAX = 64 * 1024 * 1024;
/** Marks an `after` that is not text: base64url of the key follows. */
const BINARY = "\u0000base64:";

/**
 * One page of the store for people: entries with the head of their value and, with a delimiter, the
 * prefixes one level down. Reads no more than the page, however large the store is.
 */
export async function kvPage(kv: Kv, query: KvPageQuery): Promise<KvPage> {
  const { delimiter, limit } = query;
  const prefix = textKey(query.prefix);
  const cursor = kv.cursor({ prefix, after: query.after ? keyOfToken(query.after) : undefined });
  if (query.after && delimiter) skipPrefix(cursor, query.after, delimiter, query.prefix);
  const entries: KvEntry[] = [];
  const prefixes: string[] = [];
  let bytes = 0;
  let last: string | undefined;
  try {
    for (let one = await cursor.next(); one; one = await cursor.next()) {
      if (entries.length + prefixes.length === limit || bytes > READ_BYTES_MAX) {
        return { status: true, entries, prefixes, ...(last !== undefined && { next: last }) };
      }
      const group = delimiter && groupOf(one.key, query.prefix, delimiter);
      if (group) {
        prefixes.push(group);
        last = group;
        cursor.seek(behind(textKey(group)));
      } else {
        bytes += one.value.length;
        entries.push(entryOf(one.key, one.value));
        last = tokenOf(one.key);
      }
    }
    return { status: true, entries, prefixes };
  } finally {
    await cursor.close();
  }
}

/** When the page before ended with a group, this one starts behind all of its keys. */
function skipPrefix(
  cursor: { seek(key: Uint8Array): void },
  after: string,
  delimiter: string,
  prefix: string,
): void {
  if (after.startsWith(prefix) && after.endsWith(delimiter) && after.length > prefix.length) {
    cursor.seek(behind(textKey(after)));
  }
}

/** `a/` of `a/b/c` below the prefix; undefined for keys of this level. */
function groupOf(key: Uint8Array, prefix: string, delimiter: string): string | undefined {
  const text = keyText(key);
  const end = text.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : text.slice(0, end + delimiter.length);
}

/** The least key that is greater than all that start with `prefix`; UTF-8 has no byte 0xff. */
function behind(prefix: Uint8Array): Uint8Array {
  const bound = Buffer.alloc(prefix.length + 1, 0xff);
  bound.set(prefix);
  return bound;
}

function entryOf(key: Uint8Array, value: Uint8Array): KvEntry {
  return {
    key: keyText(key),
    key_base64: Buffer.from(key).toString("base64url"),
    length: value.length,
    head_base64: Buffer.from(value.subarray(0, HEAD_BYTES)).toString("base64"),
    etag: etagOf(value),
  };
}

function tokenOf(key: Uint8Array): string {
  const text = keyText(key);
  if (Buffer.compare(textKey(text), key) === 0 && !text.startsWith(BINARY)) return text;
  return BINARY + Buffer.from(key).toString("base64url");
}

function keyOfToken(token: string): Uint8Array {
  if (!token.startsWith(BINARY)) return textKey(token);
  return Buffer.from(token.slice(BINARY.length), "base64url");
}
