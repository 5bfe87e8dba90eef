import type { ServerResponse } from "node:http";
import { type CallEnd, statusOf } from "../core/call.ts";
import type { OutputSink } from "../core/host-stream.ts";
import { MocError } from "../protocol/errors.ts";
import type { Headers } from "../protocol/host-ops.ts";
import { FUNCTION_LIMITS } from "../protocol/limits.ts";
import { releaseBytes } from "../protocol/release-bytes.ts";
import { defaultContentType, responseHeaders } from "./response-headers.ts";

const USUAL_HEADER_BYTES = FUNCTION_LIMITS.headersKiB.default * 1024;
/** Bodies up to this size cost less as a string than a second write to the socket costs. */
const ONE_WRITE_BYTES = 4096;
const NOTHING = new Uint8Array(0);

/**
 * The answer to one http request: at once from a finished call, or as the call goes on (then this
 * is its output sink). A guest's head that http does not allow is the guest's error.
 */
export class HttpAnswer implements OutputSink {
  readonly #response: ServerResponse;
  readonly #headerBytesMax: () => number;
  #pending: { readonly status: number; readonly headers: Headers } | undefined;

  /** @param headerBytesMax the function's limit; asked only by answers over the usual one */
  constructor(response: ServerResponse, headerBytesMax: () => number) {
    this.#response = response;
    this.#headerBytesMax = headerBytesMax;
  }

  /** The head goes out at once if the content type is known, else with the first bytes. */
  start(status: number, headers: Headers): void {
    if (headers["content-type"] === undefined) {
      checkStatus(status);
      this.#pending = { status, headers };
      return;
    }
    this.#begin(status, headers, NOTHING);
    this.#response.flushHeaders();
  }

  async write(bytes: Uint8Array): Promise<void> {
    const response = this.#response;
    if (this.#pending) this.#beginPending(bytes);
    if (response.destroyed) throw clientGone();
    const taken = asGuestError(() => response.write(bytes));
    if (!taken) await drained(response);
  }

  /** @param before headers that filters have set */
  finish(end: CallEnd, before: Headers | undefined): void {
    if (end.started) {
      this.#endStream(end.body);
      return;
    }
    const explicit = end.status;
    const status = statusOf(end);
    // A result of 100..199 cannot end a response; as a mere return value it is a success.
    const final = explicit === undefined && status < 200 ? 200 : checkStatus(status);
    this.#whole(final, before ? { ...before, ...end.headers } : end.headers, end);
  }

  #whole(status: number, headers: Headers, { id, body }: CallEnd): void {
    const response = this.#response;
    const flat = this.#flat(headers);
    flat.push("x-moc-call-id", String(id));
    if (body.length > 0 && headers["content-type"] === undefined) addDefaultType(flat, body);
    if (status !== 204 && status !== 304) {
      flat.push("content-length", declaredLength(response, headers, body));
    }
    writeHead(response, status, flat);
    // Node puts a head and a string into one write to the socket, a head and bytes into two.
    if (body.length <= ONE_WRITE_BYTES) response.end(latin1(body), "latin1");
    else response.end(body, () => releaseBytes(body));
  }

  #flat(headers: Headers): string[] {
    const flat = responseHeaders(headers);
    let size = 0;
    for (const text of flat) size += text.length;
    if (size <= USUAL_HEADER_BYTES) return flat;
    const limit = this.#headerBytesMax();
    if (size <= limit) return flat;
    throw new MocError(
      "MOC_LIMIT_RESPONSE",
      `The answer's headers have ${size} bytes; its function may send ${limit} (limits.headersKiB).`,
    );
  }

  #endStream(rest: Uint8Array): void {
    if (this.#pending) this.#beginPending(rest);
    asGuestError(() => this.#response.end(rest));
  }

  #beginPending(first: Uint8Array): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending) this.#begin(pending.status, pending.headers, first);
  }

  #begin(status: number, headers: Headers, first: Uint8Array): void {
    const flat = this.#flat(headers);
    if (first.length > 0 && headers["content-type"] === undefined) addDefaultType(flat, first);
    const length = headers["content-length"];
    if (length !== undefined && /^\d{1,15}$/.test(length)) {
      // Node then refuses a body of another size, which would garble the connection.
      this.#response.strictContentLength = true;
      flat.push("content-length", length);
    }
    writeHead(this.#response, checkStatus(status), flat);
  }
}

/** The bytes as a string of as many characters. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** Why a write to a client fails after it went away. */
export function clientGone(): MocError {
  return new MocError("MOC_CANCELLED", "The client went away before the end of the answer.");
}

function writeHead(response: ServerResponse, status: number, flat: string[]): void {
  asGuestError(() => response.writeHead(status, flat));
}

/** What Node refuses here, the function caused: forbidden headers, or a body of another length. */
function asGuestError<T>(send: () => T): T {
  try {
    return send();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `The function's answer is not valid http: ${reason}`;
    throw new MocError("MOC_GUEST_ERROR", message, { cause });
  }
}

function checkStatus(status: number): number {
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status;
  throw new MocError(
    "MOC_GUEST_ERROR",
    `The function set the status ${status}; an answer's status is 200 to 599.`,
  );
}

function addDefaultType(flat: string[], body: Uint8Array): void {
  flat.push("content-type", defaultContentType(body), "x-content-type-options", "nosniff");
}

/** An answer to HEAD may say the length of the body that it leaves out. */
function declaredLength(response: ServerResponse, headers: Headers, body: Uint8Array): string {
  const said = headers["content-length"];
  const headOnly = response.req.method === "HEAD" && body.length === 0;
  return headOnly && said !== undefined && /^\d{1,15}$/.test(said) ? said : String(body.length);
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      response.off("drain", settle);
      response.off("close", settle);
      if (response.destroyed) reject(clientGone());
      else resolve();
    };
    response.on("drain", settle);
    response.on("close", settle);
  });
}
