import type { Client } from "../../devkit/client.ts";
import { headerOf } from "../../devkit/http.ts";

export interface KeyValue {
  readonly value: Uint8Array;
  /** Changes with the value. */
  readonly etag: string | undefined;
}

/** Reads a key. @throws MocError MOC_NOT_FOUND */
export async function readKey(client: Client, key: Uint8Array): Promise<KeyValue> {
  const { bytes, headers } = await client.bytes("kvGet", address(key));
  return { value: bytes, etag: headerOf({ headers }, "etag") };
}

/**
 * Writes a key, with `etag` only if it still has that value; answers the new etag.
 * @throws MocError MOC_CONFLICT
 */
export async function writeKey(
  client: Client,
  key: Uint8Array,
  value: Uint8Array,
  etag?: string,
): Promise<string> {
  const headers = etag === undefined ? {} : { "if-match": etag };
  const answer = await client.call("kvPut", { ...address(key), body: value }, { headers });
  return answer.etag;
}

/** Writes a key that must not be there yet. @throws MocError MOC_CONFLICT when it is */
export async function createKey(client: Client, key: Uint8Array, value: Uint8Array): Promise<void> {
  const headers = { "if-none-match": "*" };
  await client.call("kvPut", { ...address(key), body: value }, { headers });
}

export async function deleteKey(client: Client, key: Uint8Array): Promise<void> {
  await client.call("kvDelete", address(key));
}

/** Whether a key of UTF-8 text is there; its value, which may be large, is not read. */
export async function hasKey(client: Client, key: string): Promise<boolean> {
  // In the store's order a key stands before all those that begin with it.
  const { entries } = await client.call("kvList", { query: { prefix: key, limit: 1 } });
  return entries[0]?.key === key;
}

/** Keys are any bytes: base64url is the one form in which all of them pass through a path. */
function address(key: Uint8Array) {
  return {
    path: { key: Buffer.from(key).toString("base64url") },
    query: { key_base64: "1" },
  };
}
