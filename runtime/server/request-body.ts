import type { IncomingMessage } from "node:http";
import { MocError } from "../protocol/errors.ts";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import { ByteSource } from "./byte-source.ts";
import type { RequestHeaders } from "./request-facts.ts";

const MIB = 1024 * 1024;

/** A request's body: whole when it is small and its size is known, else as it comes. */
export interface RequestBody {
  readonly bytes?: Uint8Array;
  readonly stream?: ByteSource;
}

/** Of a request that has none. */
export const NO_BODY: RequestBody = {};

/** Whether a body follows, by the headers (RFC 9112, 6.3). */
export function hasBody(headers: RequestHeaders): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

/**
 * @param limitBytes larger bodies are refused before they are read, or while they come
 * @throws MOC_TOO_LARGE
 * @throws MOC_BAD_REQUEST a transfer coding of unknown meaning: its body could be misread
 * @throws MOC_CANCELLED the sender went away or fell silent
 */
export function takeBody(
  request: IncomingMessage,
  headers: RequestHeaders,
  limitBytes: number,
): RequestBody | Promise<RequestBody> {
  const coding = headers["transfer-encoding"];
  if (coding !== undefined) {
    if (coding.toLowerCase() === "chunked") return { stream: source(request, limitBytes) };
    throw new MocError("MOC_BAD_REQUEST", `The transfer-encoding "${coding}" is not understood.`);
  }
  const length = Number(headers["content-length"] ?? 0);
  if (length > limitBytes) throw tooLarge(limitBytes);
  if (length > PLATFORM_LIMITS.inlineBodyBytes.value) {
    return { stream: source(request, limitBytes) };
  }
  return length === 0 ? NO_BODY : readWhole(request, length);
}

function source(request: IncomingMessage, limitBytes: number): ByteSource {
  return new ByteSource(request, {
    limitBytes,
    tooLarge: () => tooLarge(limitBytes),
    failed: (reason, cause) =>
      new MocError("MOC_CANCELLED", `The request body ended early: ${reason}.`, { cause }),
    idleMs: PLATFORM_LIMITS.bodyIdleMs.value,
    onClose: "leave",
  });
}

function tooLarge(limitBytes: number): MocError {
  return new MocError(
    "MOC_TOO_LARGE",
    `The request body is over ${limitBytes / MIB} MiB; raise requestMiB in the function's limits.`,
  );
}

function readWhole(request: IncomingMessage, length: number): Promise<RequestBody> {
  return new Promise((resolve, reject) => {
    const bytes = Buffer.allocUnsafeSlow(length);
    let filled = 0;
    const timer = setTimeout(
      () => settle("The request body did not come."),
      PLATFORM_LIMITS.bodyIdleMs.value,
    );
    const settle = (problem?: string) => {
      clearTimeout(timer);
      request.off("close", onClose);
      if (problem === undefined) resolve({ bytes });
      else reject(new MocError("MOC_CANCELLED", problem));
    };
    const onClose = () => settle("The sender went away before the end of the request body.");
    request.on("data", (chunk: Buffer) => {
      filled += chunk.copy(bytes, filled);
      timer.refresh();
    });
    request.on("end", () => settle());
    request.on("close", onClose);
  });
}
