import type { Client } from "../../devkit/client.ts";
import { headerOf } from "../../devkit/http.ts";
import { MocError } from "../../runtime/protocol/errors.ts";

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
  // The declaration's types cannot tell a raw body from named fields.
  const request = { ...address(key), body: value as never };
  const answer = await client.call("kvPut", request, { headers });
  return answer.etag;
}

export async function deleteKey(client: Client, key: Uint8Array): Promise<void> {
  await client.call("kvDelete", address(key));
}

/** Whether the key is there. */
export async function hasKey(client: Client, key: Uint8Array): Promise<boolean> {
  try {
    await readKey(client, key);
    return true;
  } catch (error) {
    if (error instanceof MocError && error.code === "MOC_NOT_FOUND") return false;
    throw error;
  }
}

/** Keys are any bytes: base64url is the one form in which all of them pass through a path. */
function address(key: Uint8Array) {
  return {
    path: { key: Buffer.from(key).toString("base64url") },
    query: { key_base64: "1" },
  };
}
