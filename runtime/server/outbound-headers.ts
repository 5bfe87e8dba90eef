import type { IncomingHttpHeaders } from "node:http";
import type { Headers } from "../protocol/host-ops.ts";

/** Headers of one hop (RFC 9110, 7.6.1), and those that say where and how much: ours to decide. */
const NOT_FORWARDED = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** A guest's headers as they may be sent; the destination is chosen by the url alone. */
export function requestHeaders(headers: Headers): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase();
    if (!NOT_FORWARDED.has(name)) kept[name] = value;
  }
  return kept;
}

/** An answer's headers as guests get them; several `set-cookie` have a line feed between them. */
export function answerHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || HOP_ANSWER.has(name)) continue;
    kept[name] = typeof value === "string" ? value : value.join("\n");
  }
  return kept;
}

const HOP_ANSWER = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
