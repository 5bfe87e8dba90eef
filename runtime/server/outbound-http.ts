import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { OutboundOptions } from "../core/outbound-client.ts";
import { MocError } from "../protocol/errors.ts";
import { trustedAuthorities } from "./authorities.ts";
import { checkedLookup } from "./checked-lookup.ts";
import { sendBody } from "./outbound-body.ts";
import type { Destination, OutboundPolicy } from "./outbound-policy.ts";
import type { SentRequest } from "./redirect.ts";
import { decodeEscapes } from "./request-target.ts";

const IDLE_SOCKET_MS = 30_000;
const TIMER_MS_MAX = 2 ** 31 - 1;

/**
 * Connections to a listed host may go anywhere; such a one must never serve a function for which
 * the host is not listed. So each kind has its own pool.
 */
class Pool {
  readonly http = new HttpAgent({ keepAlive: true, timeout: IDLE_SOCKET_MS });
  readonly https: HttpsAgent;

  constructor(authorities: readonly string[]) {
    this.https = new HttpsAgent({
      keepAlive: true,
      timeout: IDLE_SOCKET_MS,
      ...trustedAuthorities(authorities),
    });
  }

  close(): void {
    this.http.destroy();
    this.https.destroy();
  }
}

/** Sends single requests (no redirects) and waits for the heads of their answers. */
export class OutboundHttp {
  readonly #policy: OutboundPolicy;
  readonly #listed: Pool;
  readonly #public: Pool;

  constructor(policy: OutboundPolicy, authorities: readonly string[]) {
    this.#policy = policy;
    this.#listed = new Pool(authorities);
    this.#public = new Pool(authorities);
  }

  /** @throws MOC_OUTBOUND_FAILED, MOC_OUTBOUND_DENIED, MOC_LIMIT_TIME, MOC_BAD_REQUEST */
  async send(
    sent: SentRequest,
    destination: Destination,
    options: OutboundOptions,
  ): Promise<IncomingMessage> {
    for (;;) {
      const request = this.#open(sent, destination);
      try {
        return await answerOf(request, sent, options);
      } catch (error) {
        // The other side closed a kept connection just when it was used again.
        if (!wasStale(request, sent, error)) throw error;
      }
    }
  }

  close(): void {
    this.#listed.close();
    this.#public.close();
  }

  #open({ method, url, headers, body }: SentRequest, destination: Destination): ClientRequest {
    const pool = destination.listed ? this.#listed : this.#public;
    const secure = url.protocol === "https:";
    const options: RequestOptions = {
      method,
      host: destination.host,
      port: destination.port,
      path: `${url.pathname}${url.search}`,
      agent: secure ? pool.https : pool.http,
      lookup: checkedLookup(this.#policy, destination),
      headers: { ...headers, host: url.host, ...lengthOf(body) },
      ...(url.username !== "" && { auth: credentials(url) }),
    };
    try {
      return secure ? httpsRequest(options) : httpRequest(options);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new MocError("MOC_BAD_REQUEST", `The request cannot be sent: ${reason}`, { cause });
    }
  }
}

function answerOf(
  request: ClientRequest,
  sent: SentRequest,
  { signal, timeoutMs }: OutboundOptions,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const where = sent.url.origin;
    const breakOff = (error: MocError) => request.destroy(error);
    const onAbort = () =>
      breakOff(new MocError("MOC_CANCELLED", `The call ended before ${where} answered.`));
    const timer = setTimeout(
      () => breakOff(new MocError("MOC_LIMIT_TIME", `${where} did not answer in time.`)),
      Math.min(Math.max(timeoutMs, 0), TIMER_MS_MAX),
    );
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    signal.addEventListener("abort", onAbort);
    request.on("response", (answer) => {
      settle();
      resolve(answer);
    });
    // Stays for errors after the head: the answer's reader gets those.
    request.on("error", (error) => {
      settle();
      reject(error instanceof MocError ? error : failed(where, error));
    });
    if (signal.aborted) onAbort();
    else void sendBody(request, sent.body);
  });
}

function wasStale(request: ClientRequest, sent: SentRequest, error: unknown): boolean {
  const cause = error instanceof MocError ? error.cause : undefined;
  const reset = cause instanceof Error && "code" in cause && cause.code === "ECONNRESET";
  return reset && request.reusedSocket && (!sent.body || sent.body instanceof Uint8Array);
}

function failed(where: string, cause: Error): MocError {
  return new MocError(
    "MOC_OUTBOUND_FAILED",
    `The request to ${where} failed: ${reasonOf(cause)}.`,
    {
      cause,
    },
  );
}

/** Several addresses were tried: each has its own error. */
function reasonOf(error: Error): string {
  if (error instanceof AggregateError && error.message === "") {
    return error.errors.map((one: Error) => one.message).join("; ");
  }
  return error.message;
}

function lengthOf(body: SentRequest["body"]): Record<string, string> {
  return body instanceof Uint8Array ? { "content-length": String(body.length) } : {};
}

function credentials({ username, password }: URL): string {
  return `${decodeEscapes(username)}:${decodeEscapes(password)}`;
}
