import type { MocError } from "../protocol/errors.ts";
import type { CallMessage, ResultMessage } from "../protocol/executor-messages.ts";
import type { Headers } from "../protocol/host-ops.ts";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import type { CallExchange, CallReport, ExchangePart } from "../protocol/model.ts";
import { type CallStart, statusOf } from "./call.ts";
import type { StreamedOutput } from "./streamed-output.ts";

/** An ended call as its own objects have it; read while it is handed over, and not kept. */
export interface EndedCall {
  readonly start: CallStart;
  readonly message: CallMessage;
  /** Absent when the call did not come to an end of its own. */
  readonly result: ResultMessage | undefined;
  /** Why it failed. */
  readonly error: MocError | undefined;
  readonly streamed: StreamedOutput | undefined;
}

/**
 * The http status of an ended call: what went out to a client, else what the guest set. Undefined
 * where neither is: nobody asked by http, or the error of the call was the answer.
 */
export function answerStatus({ start, result, error, streamed }: EndedCall): number | undefined {
  if (streamed) return streamed.status;
  if (!result || result.status !== undefined) return result?.status;
  if (error || !answers(start, result)) return undefined;
  return statusOf({ result: result.result, exited: result.exited ?? false });
}

/** Whether a client got what came of the call. A filter answers by a body, or by closing its output. */
function answers({ trigger }: CallStart, { body, closed }: ResultMessage): boolean {
  if (trigger === "filter") return closed === true || (body?.length ?? 0) > 0;
  return trigger === "http";
}

/** Filters see the request of the call after them; a websocket has no end that would be one body. */
const TRIGGERS: ReadonlySet<CallReport["trigger"]> = new Set(["http", "rest", "call"]);

/** Headers whose values are secrets. */
const SECRET: ReadonlySet<string> = new Set([
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
]);

const NOTHING = new Uint8Array(0);

/** References to what the call had anyway; made readable when somebody asks. */
interface Kept {
  readonly id: number;
  readonly bytes: number;
  /** JSON text, as it went to the executor. */
  readonly requestHeaders: string;
  readonly requestBody: Uint8Array;
  /** Size of the body; undefined when it came as a stream. */
  readonly requestLength: number | undefined;
  readonly answered: boolean;
  readonly status: number | undefined;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly length: number;
}

/**
 * Headers and bodies of the newest calls, in memory: for looking at a call, and for making it again.
 * Bounded in number and in bytes, and cheap to fill, since every call passes here.
 */
export class Exchanges {
  readonly #ring: (Kept | undefined)[];
  /** Numbers of the oldest that is held, and of the next; a number's place is its rest by the size. */
  #first = 0;
  #end = 0;
  #bytes = 0;

  constructor(count: number = PLATFORM_LIMITS.callReports.value) {
    this.#ring = new Array(count).fill(undefined);
  }

  /** Bytes that are held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps what an ended call was given and what it answered. */
  add(id: number, call: EndedCall): void {
    const { start, message, result, error, streamed } = call;
    if (!TRIGGERS.has(start.trigger)) return;
    const headers = streamed?.headers ?? result?.headers ?? {};
    const requestBody = firstBytes(start.body);
    const body = streamed ? streamed.first : firstBytes(result?.body);
    let bytes = message.headers.length + requestBody.length + body.length;
    for (const name in headers) bytes += name.length + (headers[name]?.length ?? 0);
    this.#push({
      id,
      bytes,
      requestHeaders: message.headers,
      requestBody,
      requestLength: start.stream ? undefined : (start.body?.length ?? 0),
      answered: result !== undefined && error === undefined,
      status: answerStatus(call),
      headers,
      body,
      length: (streamed?.length ?? 0) + (result?.body?.length ?? 0),
    });
  }

  /** What is kept of a call; undefined when it is not kept any more, or never was. */
  get(id: number): CallExchange | undefined {
    const kept = this.#ring.find((one) => one?.id === id);
    if (!kept) return undefined;
    const request = part(JSON.parse(kept.requestHeaders) as Headers, kept.requestBody);
    return {
      request: {
        ...request,
        ...(kept.requestLength !== undefined && { length: kept.requestLength }),
      },
      ...(kept.answered && {
        response: {
          ...part(kept.headers, kept.body),
          length: kept.length,
          ...(kept.status !== undefined && { status: kept.status }),
        },
      }),
    };
  }

  #push(kept: Kept): void {
    const size = this.#ring.length;
    if (this.#end - this.#first === size) this.#forgetOldest();
    this.#ring[this.#end++ % size] = kept;
    this.#bytes += kept.bytes;
    while (this.#bytes > PLATFORM_LIMITS.exchangeBytes.value) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const place = this.#first++ % this.#ring.length;
    this.#bytes -= this.#ring[place]?.bytes ?? 0;
    this.#ring[place] = undefined;
  }
}

function part(headers: Headers, body: Uint8Array): ExchangePart {
  const shown: Record<string, string> = {};
  const hidden: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (SECRET.has(name.toLowerCase())) hidden.push(name);
    else shown[name] = value;
  }
  return { headers: shown, hidden, body_base64: Buffer.from(body).toString("base64") };
}

/** What is kept of a body; a copy where the whole would keep more memory than it may. */
function firstBytes(body: Uint8Array | undefined): Uint8Array {
  if (body === undefined) return NOTHING;
  const most = PLATFORM_LIMITS.exchangeBodyBytes.value;
  return body.buffer.byteLength <= most ? body : new Uint8Array(body.subarray(0, most));
}
