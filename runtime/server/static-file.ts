import type { IncomingMessage, ServerResponse } from "node:http";
import { MocError } from "../protocol/errors.ts";
import type { Headers } from "../protocol/host-ops.ts";
import { type ByteRange, parseRange } from "./byte-range.ts";
import type { FrontParts } from "./front-parts.ts";
import { responseHeaders } from "./response-headers.ts";

interface FileAnswer {
  readonly parts: FrontParts;
  /** Name of the blob, or `techID://…`. */
  readonly name: string;
  /** Headers that filters have set. */
  readonly headers: Headers | undefined;
}

/**
 * Serves a blob: whole, a range of it, or "not modified". The ETag is the blob's techID, so a name
 * that moves is seen at the next request, and bytes that did not change are not sent again.
 * A plug serves exactly its path: `/x` and `/x/` are two, and nothing stands for an index page.
 * @throws MOC_NOT_FOUND the name or the blob is gone
 * @throws MOC_METHOD neither GET nor HEAD
 * @see RFC 9110 sections 13 and 14
 */
export async function answerFile(
  request: IncomingMessage,
  response: ServerResponse,
  { parts, name, headers }: FileAnswer,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    throw new MocError("MOC_METHOD", `A file is read by GET or HEAD, not by ${request.method}.`);
  }
  const { techID } = parts.names.resolve(name);
  const blob = parts.blobs.info(techID);
  if (!blob) throw new MocError("MOC_NOT_FOUND", `The bytes of "${name}" (${techID}) are gone.`);
  const etag = `"${techID}"`;
  const head = { "cache-control": "no-cache", ...headers, etag, "accept-ranges": "bytes" };
  if (matchesTag(request.headers["if-none-match"], etag)) {
    response.writeHead(304, responseHeaders(head));
    response.end();
    return;
  }
  const range = wantedRange(request, etag, blob.length);
  if (range === "unsatisfiable") {
    response.writeHead(416, [...responseHeaders(head), "content-range", `bytes */${blob.length}`]);
    response.end();
    return;
  }
  const flat = responseHeaders({
    ...head,
    "content-type": fileType(blob.contentType),
    "x-content-type-options": "nosniff",
  });
  if (range) flat.push("content-range", `bytes ${range.start}-${range.end}/${blob.length}`);
  const length = range ? range.end - range.start + 1 : blob.length;
  flat.push("content-length", String(length));
  const bytes = request.method === "HEAD" ? undefined : await parts.blobs.bytes(techID);
  response.writeHead(range ? 206 : 200, flat);
  response.end(range ? bytes?.subarray(range.start, range.end + 1) : bytes);
}

function wantedRange(
  request: IncomingMessage,
  etag: string,
  length: number,
): ByteRange | "unsatisfiable" | undefined {
  const asked = request.headers.range;
  const only = request.headers["if-range"];
  if (asked === undefined || request.method !== "GET") return undefined;
  return only === undefined || only === etag ? parseRange(asked, length) : undefined;
}

/** Text is UTF-8 here, whatever its kind. */
function fileType(contentType: string): string {
  if (!contentType.startsWith("text/") || contentType.includes("charset=")) return contentType;
  return `${contentType}; charset=utf-8`;
}

function matchesTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === "*") return true;
  return header.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}
