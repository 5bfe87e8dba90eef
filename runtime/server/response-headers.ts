import { isUtf8 } from "node:buffer";
import type { Headers } from "../protocol/host-ops.ts";

/** Headers that belong to the connection, and to the server that keeps it. */
const CONNECTION_HEADERS = new Set([
  "connection",
  "content-length",
  "date",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * A function's headers as Node's flat list of names and values, without those of the connection.
 * Several `set-cookie` come as one value with a line feed between them, which no cookie contains.
 * Names and values are checked by Node when they are written.
 */
export function responseHeaders(headers: Headers): string[] {
  const flat: string[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || CONNECTION_HEADERS.has(name.toLowerCase())) continue;
    if (name === "set-cookie" && value.includes("\n")) {
      for (const cookie of value.split("\n")) flat.push(name, cookie);
    } else {
      flat.push(name, value);
    }
  }
  return flat;
}

/**
 * Content type of an answer whose function named none. Never guessed from what the bytes look like,
 * so that text which happens to hold tags is not a page with scripts.
 */
export function defaultContentType(body: Uint8Array): string {
  return isUtf8(body) ? "text/plain; charset=utf-8" : "application/octet-stream";
}
