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

/** What would let a function speak for paths that are not its own. */
const NOT_A_FUNCTIONS = "service-worker-allowed";
const OPENER_POLICY = "cross-origin-opener-policy";

/**
 * A function's headers as Node's flat list of names and values, without those of the connection.
 * Several `set-cookie` come as one value with a line feed between them, which no cookie contains.
 * Names and values are checked by Node when they are written.
 */
export function responseHeaders(headers: Headers): string[] {
  const flat: string[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    const lower = name.toLowerCase();
    if (CONNECTION_HEADERS.has(lower) || lower === NOT_A_FUNCTIONS) continue;
    if (lower === OPENER_POLICY) flat.push(name, openerPolicy(value, headers));
    else if (name === "set-cookie" && value.includes("\n")) {
      for (const cookie of value.split("\n")) flat.push(name, cookie);
    } else {
      flat.push(name, value);
    }
  }
  return flat;
}

/**
 * Windows of one origin with the same policy keep hold of each other. `same-origin` is the dashboard's
 * own; a function's page that says so gets the next best, which cuts it off from other origins all
 * the same. With an embedder policy it is another policy, and stays.
 */
function openerPolicy(value: string, headers: Headers): string {
  if (!/^\s*same-origin\s*(;|$)/.test(value)) return value;
  const embedder = Object.keys(headers).find(
    (name) => name.toLowerCase() === "cross-origin-embedder-policy",
  );
  const isolated = embedder !== undefined && headers[embedder]?.trim() === "require-corp";
  return isolated ? value : "same-origin-allow-popups";
}

/**
 * Content type of an answer whose function named none. Never guessed from what the bytes look like,
 * so that text which happens to hold tags is not a page with scripts.
 */
export function defaultContentType(body: Uint8Array): string {
  return isUtf8(body) ? "text/plain; charset=utf-8" : "application/octet-stream";
}
