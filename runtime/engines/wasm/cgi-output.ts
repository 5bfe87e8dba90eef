import { MocError } from "../../protocol/errors.ts";
import type { Sink } from "./wasi/stream-descriptor.ts";

/** The parts of an exchange buffer that a CGI program's answer goes to. */
interface CgiTarget {
  readonly headers: Map<string, string>;
  status: number | undefined;
  write(bytes: Uint8Array): void | Promise<void>;
  /** Sends what there is, where the answer can be sent in pieces. */
  flush?(): void | Promise<void>;
}

const NEWLINE = 10;
const RETURN = 13;
const latin1 = new TextDecoder("latin1");

/**
 * Standard output of a CGI program (RFC 3875, section 6): header fields, an empty line, then the
 * body. What is written before the empty line is held back.
 */
export class CgiOutput implements Sink {
  readonly #target: CgiTarget;
  readonly #headerBytesMax: number;
  #head: Uint8Array | undefined = new Uint8Array(0);

  constructor(target: CgiTarget, headerBytesMax: number) {
    this.#target = target;
    this.#headerBytesMax = headerBytesMax;
  }

  flush(): void | Promise<void> {
    if (!this.#head) return this.#target.flush?.();
  }

  /** The program has ended. */
  finish(): void {
    if (!this.#head) return;
    throw new MocError(
      "MOC_GUEST_ERROR",
      "the program ended without headers on its output; in cgi mode headers (Content-Type: …) and an empty line come first",
    );
  }

  write(bytes: Uint8Array): void | Promise<void> {
    if (!this.#head) return this.#target.write(bytes);
    const joined = new Uint8Array(this.#head.length + bytes.length);
    joined.set(this.#head);
    joined.set(bytes, this.#head.length);
    const end = endOfHead(joined);
    if ((end ?? joined.length) > this.#headerBytesMax) {
      throw new MocError(
        "MOC_GUEST_ERROR",
        `the program wrote ${this.#headerBytesMax} bytes without ending its headers; in cgi mode an empty line ends them`,
      );
    }
    this.#head = joined;
    if (end === undefined) return;
    this.#head = undefined;
    applyHead(this.#target, latin1.decode(joined.subarray(0, end)));
    const body = joined.subarray(end);
    if (body.length > 0) return this.#target.write(body);
  }
}

/** Where the body starts; undefined: the empty line has not come. */
function endOfHead(bytes: Uint8Array): number | undefined {
  let lineStart = 0;
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] !== NEWLINE) continue;
    const length = index - lineStart - (bytes[index - 1] === RETURN ? 1 : 0);
    if (length <= 0) return index + 1;
    lineStart = index + 1;
  }
  return undefined;
}

function applyHead(target: CgiTarget, head: string): void {
  for (const line of head.split(/\r?\n/)) {
    if (line === "") continue;
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    const [, name = "", value = ""] = match ?? [];
    if (!match) {
      throw new MocError(
        "MOC_GUEST_ERROR",
        `the program's output starts with ${JSON.stringify(line.slice(0, 80))}, which is no header; in cgi mode headers and an empty line come first`,
      );
    }
    if (name.toLowerCase() === "status") target.status = readStatus(value);
    else addHeader(target.headers, name.toLowerCase(), value);
  }
  // Section 6.2.3: a Location alone sends the client there.
  if (target.headers.has("location")) target.status ??= 302;
}

function readStatus(value: string): number {
  const status = Number(/^(\d{3})\b/.exec(value)?.[1]);
  if (status >= 100 && status <= 599) return status;
  throw new MocError("MOC_GUEST_ERROR", `Status: ${value.slice(0, 80)} is not an http status`);
}

/** Fields that come several times are one list, as in http; cookies cannot be joined by commas. */
function addHeader(headers: Map<string, string>, name: string, value: string): void {
  const before = headers.get(name);
  const separator = name === "set-cookie" ? "\n" : ", ";
  headers.set(name, before === undefined ? value : `${before}${separator}${value}`);
}
