import type { HostStream } from "../core/host-stream.ts";
import type {
  OutboundAnswer,
  OutboundClient,
  OutboundOptions,
  OutboundRequest,
} from "../core/outbound-client.ts";
import { MocError } from "../protocol/errors.ts";
import type { Headers } from "../protocol/host-ops.ts";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import { ACCEPTED_ENCODINGS, answerBody } from "./outbound-body.ts";
import { answerHeaders, requestHeaders } from "./outbound-headers.ts";
import { OutboundHttp } from "./outbound-http.ts";
import { OutboundPolicy } from "./outbound-policy.ts";
import { OutboundSockets } from "./outbound-sockets.ts";
import { nextRequest, type SentRequest } from "./redirect.ts";

interface OutboundSettings {
  /** `HOST[:PORT]` that every guest may reach beside public addresses. */
  readonly allow?: readonly string[];
  /** Ports of this platform, which an entry must name to allow them. */
  readonly ownPorts: () => readonly number[];
  /** PEM texts of authorities to trust beside the usual ones. */
  readonly ca?: readonly string[];
}

const METHOD = /^[A-Z][A-Z-]{0,19}$/;
/** They make a server say what it was sent, or a proxy what it should not be. */
const FORBIDDEN_METHODS = new Set(["CONNECT", "TRACE"]);

/** The way from guests to the network, under the outbound policy; certificates are verified. */
export class Outbound implements OutboundClient {
  readonly #policy: OutboundPolicy;
  readonly #http: OutboundHttp;
  readonly #sockets: OutboundSockets;

  /** @throws MOC_BAD_REQUEST an entry of the allow list is not `HOST[:PORT]` */
  constructor({ allow = [], ownPorts, ca = [] }: OutboundSettings) {
    this.#policy = new OutboundPolicy({ allow, ownPorts });
    this.#http = new OutboundHttp(this.#policy, ca);
    this.#sockets = new OutboundSockets(this.#policy, ca);
  }

  async request(request: OutboundRequest, options: OutboundOptions): Promise<OutboundAnswer> {
    const end = performance.now() + options.timeoutMs;
    let sent = firstRequest(request);
    for (let redirects = 0; ; redirects++) {
      const destination = this.#policy.destination(sent.url, options.allow);
      const timeoutMs = end - performance.now();
      const answer = await this.#http.send(sent, destination, { ...options, timeoutMs });
      const status = answer.statusCode ?? 0;
      const next = request.redirect && nextRequest(sent, status, answer.headers.location);
      if (!next) {
        const headers = answerHeaders(answer.headers);
        return { status, body: answerBody(sent.method, answer, headers), headers };
      }
      answer.resume();
      if (redirects >= PLATFORM_LIMITS.redirects.value) {
        const message = `${request.url} redirects more than ${redirects} times.`;
        throw new MocError("MOC_OUTBOUND_FAILED", message);
      }
      sent = next;
    }
  }

  async webSocket(url: string, headers: Headers, options: OutboundOptions): Promise<HostStream> {
    const destination = this.#policy.destination(url, options.allow);
    return this.#sockets.connect(destination, requestHeaders(headers), options);
  }

  /** Breaks off what is open. */
  close(): void {
    this.#http.close();
    this.#sockets.close();
  }
}

function firstRequest({ method, url, headers, body }: OutboundRequest): SentRequest {
  const upper = method.toUpperCase();
  if (!METHOD.test(upper) || FORBIDDEN_METHODS.has(upper)) {
    throw new MocError(
      "MOC_BAD_REQUEST",
      `"${method.slice(0, 40)}" is not an http method to send.`,
    );
  }
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new MocError("MOC_BAD_REQUEST", `"${url.slice(0, 200)}" is not an http(s) url.`);
  }
  return {
    method: upper,
    url: parsed,
    headers: { "accept-encoding": ACCEPTED_ENCODINGS, ...requestHeaders(headers) },
    body,
  };
}
