import { STATUS_CODES } from "node:http";
import type { MocError } from "../protocol/errors.ts";
import type { Headers } from "../protocol/host-ops.ts";
import { errorBody } from "./error-answer.ts";
import { defaultContentType, responseHeaders } from "./response-headers.ts";

/** An answer for connections that have no response object; they end with it. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** The bytes of an answer. Headers that http does not allow are left out. */
export function rawAnswer({ status, headers, body }: RawAnswer): Uint8Array {
  const final = status >= 200 && status <= 599 ? status : 500;
  const lines = [`HTTP/1.1 ${final} ${STATUS_CODES[final] ?? ""}`, "connection: close"];
  const flat = responseHeaders(headers);
  for (let i = 0; i < flat.length; i += 2) {
    const [name = "", value = ""] = flat.slice(i, i + 2);
    if (isAllowed(name, value)) lines.push(`${name}: ${value}`);
  }
  if (body.length > 0 && headers["content-type"] === undefined) {
    lines.push(`content-type: ${defaultContentType(body)}`);
  }
  lines.push(`content-length: ${body.length}`);
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), body]);
}

/** The bytes of an error's answer. */
export function rawError(status: number, error: MocError, near = false): Uint8Array {
  return rawAnswer({
    status,
    headers: { "content-type": "application/json" },
    body: Buffer.from(errorBody(error, { guestStack: false, defects: near })),
  });
}

/** @see RFC 9110 section 5.5 */
function isAllowed(name: string, value: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}
