import http from "node:http";
import https from "node:https";
import { pipeline, Readable } from "node:stream";
import { MocError } from "../runtime/protocol/errors.ts";

/** A body that need not be in memory as a whole. */
export interface StreamedBody {
  /** Size in bytes. */
  readonly length: number;
  /** The bytes from the start; asked for again when the request is sent again. */
  open(): AsyncIterable<Uint8Array>;
}

/** A request to a runtime. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | StreamedBody | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Wall time without any byte in ms; 0: none. Default 0. */
  readonly idleTimeoutMs?: number;
}

/** Status and headers, and a body that is still arriving: read it or destroy it. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  /** Names in the server's case, in order, repeated as they came. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Ends early with an error when the connection is lost. */
  readonly body: http.IncomingMessage;
}

/** Said aloud: in an editor's extension host an agent of its own is put before ours, and says "close". */
const KEPT = { connection: "keep-alive" };

/** Connections to one runtime: kept alive, its certificate verified. */
export class HttpConnections {
  readonly #http = new http.Agent({ keepAlive: true, maxFreeSockets: 8 });
  readonly #https: https.Agent;

  /** @param certificate - PEM to trust instead of the system's authorities */
  constructor(certificate?: string) {
    this.#https = new https.Agent({
      keepAlive: true,
      maxFreeSockets: 8,
      minVersion: "TLSv1.2",
      ...(certificate && { ca: certificate }),
    });
  }

  /**
   * Sends a request; a status of any kind is an answer.
   * @throws MocError MOC_UNREACHABLE, MOC_CANCELLED
   */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    try {
      return await this.#sendOnce(request);
    } catch (error) {
      // A kept connection may have been closed by the server just as it was taken up again.
      if (isStaleConnection(error) && request.signal?.aborted !== true) {
        try {
          return await this.#sendOnce(request);
        } catch (again) {
          throw asConnectionError(again, request);
        }
      }
      throw asConnectionError(error, request);
    }
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #sendOnce(request: HttpRequest): Promise<HttpAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
    const secure = request.url.startsWith("https:");
    const outgoing = (secure ? https : http).request(request.url, {
      method: request.method,
      headers: { ...KEPT, ...request.headers, ...lengthHeader(request) },
      agent: secure ? this.#https : this.#http,
      signal: request.signal,
    });
    outgoing.on("error", (error) => {
      reject(Object.assign(error, { reused: outgoing.reusedSocket }));
    });
    outgoing.on("response", (body) => {
      resolve({
        status: body.statusCode ?? 0,
        statusText: body.statusMessage ?? "",
        headers: pairs(body.rawHeaders),
        body,
      });
    });
    if (request.idleTimeoutMs) {
      outgoing.setTimeout(request.idleTimeoutMs, () => {
        outgoing.destroy(new Error(`no byte for ${request.idleTimeoutMs} ms`));
      });
    }
    if (isStreamedBody(request.body)) {
      const source = Readable.from(orFail(request.body.open(), reject));
      // What else goes wrong is the request's own error, or is told by an answer before the end.
      pipeline(source, outgoing, () => undefined);
    } else {
      outgoing.end(request.body);
    }
    return promise;
  }
}

/** Reads a body whole. */
export async function readBody(answer: HttpAnswer, request: HttpRequest): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of answer.body) chunks.push(chunk as Buffer);
  } catch (error) {
    throw asConnectionError(error, request);
  }
  return Buffer.concat(chunks);
}

/** Value of a header, whatever its case; undefined when it is absent. */
export function headerOf(answer: Pick<HttpAnswer, "headers">, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return answer.headers.find(([one]) => one.toLowerCase() === wanted)?.[1];
}

/** Whether a body is read while it is sent. */
export function isStreamedBody(body: unknown): body is StreamedBody {
  return typeof body === "object" && body !== null && "open" in body;
}

function lengthHeader({ body, method }: HttpRequest): Readonly<Record<string, string>> {
  if (body === undefined)
    return method === "POST" || method === "PUT" ? { "content-length": "0" } : {};
  const length = isStreamedBody(body) ? body.length : Buffer.byteLength(body);
  return { "content-length": String(length) };
}

async function* orFail(
  source: AsyncIterable<Uint8Array>,
  fail: (error: MocError) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    fail(
      new MocError("MOC_BAD_REQUEST", `What was to be sent cannot be read: ${reason}`, { cause }),
    );
    throw cause;
  }
}

function pairs(raw: readonly string[]): [string, string][] {
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) headers.push([raw[i] ?? "", raw[i + 1] ?? ""]);
  return headers;
}

function isStaleConnection(error: unknown): boolean {
  const { code, reused } = error as { code?: string; reused?: boolean };
  return reused === true && (code === "ECONNRESET" || code === "EPIPE");
}

function asConnectionError(error: unknown, request: HttpRequest): MocError {
  if (error instanceof MocError) return error;
  const { host, protocol } = new URL(request.url);
  if (request.signal?.aborted) {
    return new MocError("MOC_CANCELLED", `The request to ${host} was cancelled.`, { cause: error });
  }
  const { code, message, reused } = error as NodeJS.ErrnoException & { readonly reused?: boolean };
  // On a connection that answered before, or began to, something else went wrong.
  if (protocol === "http:" && reused === false && isNoHttp(code)) {
    const text = `${host} does not speak http, it most likely answers https only: write https://${host} (--base-url, MYOWNCLUSTER_SERVER_BASE_URL).`;
    return new MocError("MOC_UNREACHABLE", text, { cause: error });
  }
  return new MocError("MOC_UNREACHABLE", `${explain(code, message, host)}`, { cause: error });
}

/** What a client of plain http gets of a server that waits for a TLS handshake. */
function isNoHttp(code: string | undefined): boolean {
  return code === "ECONNRESET" || code === "EPIPE" || code?.startsWith("HPE_") === true;
}

const CERTIFICATE_ERRORS = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
]);

function explain(code: string | undefined, message: string, host: string): string {
  if (code === "ECONNREFUSED") {
    return `No runtime answers at ${host}: start one with "moc serve", or name another with --data or --base-url.`;
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return `The host of ${host} is not known: check --base-url or MYOWNCLUSTER_SERVER_BASE_URL.`;
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `The certificate of ${host} is for another host name: use the name it was made for.`;
  }
  if (code === "CERT_HAS_EXPIRED") return `The certificate of ${host} has expired: renew it there.`;
  if (code && CERTIFICATE_ERRORS.has(code)) {
    return `The certificate of ${host} is not trusted: give the data folder of the instance with --data, or its certificate with --certificate FILE.`;
  }
  if (code === "ECONNRESET" || code === "EPIPE") {
    return `The runtime at ${host} closed the connection before it answered: it may have stopped.`;
  }
  return `${host} cannot be reached: ${message || code}.`;
}
