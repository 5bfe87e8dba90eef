import { once } from "node:events";
import type { ClientRequest, IncomingMessage } from "node:http";
import { pipeline, type Readable, type Transform } from "node:stream";
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from "node:zlib";
import type { HostStream } from "../core/host-stream.ts";
import { MocError } from "../protocol/errors.ts";
import { FUNCTION_LIMITS } from "../protocol/limits.ts";
import { ByteSource } from "./byte-source.ts";

/** What {@link answerBody} decodes, for the Accept-Encoding header. */
export const ACCEPTED_ENCODINGS = "gzip, br, zstd, deflate";

const CHUNK_BYTES = 64 * 1024;
const IDLE_MS = 5 * 60_000;
const ANSWER_BYTES_MAX = FUNCTION_LIMITS.responseMiB.ceiling * 1024 * 1024;

const DECODERS: { readonly [encoding: string]: () => Transform } = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
  deflate: createInflate,
};

/**
 * The body of an answer as an exchange buffer, decoded like a browser's `fetch` does; then the
 * headers that describe the encoded bytes are removed.
 */
export function answerBody(
  method: string,
  answer: IncomingMessage,
  headers: Record<string, string>,
): HostStream {
  const decode = DECODERS[headers["content-encoding"]?.trim().toLowerCase() ?? ""];
  let readable: Readable = answer;
  if (decode && method !== "HEAD" && mayHaveBody(answer)) {
    delete headers["content-encoding"];
    delete headers["content-length"];
    // Errors reach the reader through the decoder.
    readable = pipeline(answer, decode(), () => {});
  }
  return new ByteSource(readable, {
    limitBytes: ANSWER_BYTES_MAX,
    tooLarge: () =>
      new MocError("MOC_LIMIT_RESPONSE", `The answer has more than ${ANSWER_BYTES_MAX} bytes.`),
    failed: (reason, cause) =>
      new MocError("MOC_OUTBOUND_FAILED", `The answer broke off: ${reason}.`, { cause }),
    idleMs: IDLE_MS,
    onClose: "destroy",
  });
}

/** Sends a body, no faster than the other side takes it. */
export async function sendBody(
  request: ClientRequest,
  body: Uint8Array | HostStream | undefined,
): Promise<void> {
  if (body === undefined || body instanceof Uint8Array) {
    request.end(body);
    return;
  }
  try {
    for (;;) {
      const chunk = await body.read(CHUNK_BYTES);
      if (!chunk || request.destroyed) break;
      if (!request.write(chunk)) await drained(request);
    }
    request.end();
  } catch (error) {
    request.destroy(MocError.from(error));
  }
}

async function drained(request: ClientRequest): Promise<void> {
  if (request.destroyed) return;
  const stop = new AbortController();
  try {
    await Promise.race([
      once(request, "drain", { signal: stop.signal }),
      once(request, "close", { signal: stop.signal }),
    ]);
  } finally {
    stop.abort();
  }
}

function mayHaveBody(answer: IncomingMessage): boolean {
  const status = answer.statusCode ?? 0;
  return status !== 204 && status !== 304 && answer.headers["content-length"] !== "0";
}
