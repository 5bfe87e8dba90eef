import { setTimeout as sleep } from "node:timers/promises";
import { type ErrorJson, MocError } from "../runtime/protocol/errors.ts";
import type { PlatformEvent } from "../runtime/protocol/model.ts";
import {
  API_ROOT,
  REST,
  type RestName,
  type RestRequest,
  type RestResponse,
} from "../runtime/protocol/rest.ts";
import type { RestCall } from "../runtime/protocol/rest-vocabulary.ts";
import { eventData } from "./event-stream.ts";
import {
  type HttpAnswer,
  HttpConnections,
  type HttpRequest,
  isStreamedBody,
  readBody,
  type StreamedBody,
} from "./http.ts";
import { readInstance, resolveTarget, type Target, type TargetOptions } from "./target.ts";

/** As declared; calls whose body is raw take bytes. */
type ClientRequest<N extends RestName> = Omit<RestRequest<N>, "body"> & {
  readonly body?: RestRequest<N>["body"] | Uint8Array | StreamedBody;
};

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Further headers, such as `if-match`. */
  readonly headers?: Readonly<Record<string, string>>;
}

interface EventOptions {
  /** Default: all kinds. */
  readonly kinds?: readonly PlatformEvent["kind"][];
  /** Only calls and logs of this function. */
  readonly function?: string;
  readonly signal?: AbortSignal;
  /** Told when the stream is there, and when it is lost; after a loss events may be missing. */
  readonly onConnection?: (connected: boolean) => void;
}

/** A request to a function by its URL, as a browser would send it. */
export interface FunctionRequest {
  readonly method?: string;
  /** Path and query below the runtime's address. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface FunctionResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** From sending to the last byte, in ms. */
  readonly durationMs: number;
  /** From sending to the first byte of the answer, in ms. */
  readonly firstByteMs: number;
}

/**
 * Finds a runtime and makes sure that it answers.
 * @throws MocError MOC_UNREACHABLE saying how to start one, MOC_UNAUTHORIZED
 */
export async function connect(options: TargetOptions = {}): Promise<Client> {
  const client = new Client(await resolveTarget(options));
  try {
    await client.call("status");
  } catch (error) {
    client.close();
    throw error;
  }
  return client;
}

/** Talks with one runtime; calls are typed by the REST declaration. */
export class Client {
  #target: Target;
  #connections: HttpConnections;

  constructor(target: Target) {
    this.#target = target;
    this.#connections = new HttpConnections(target.certificate);
  }

  /** Where the runtime is; changes when a local one restarted on another port. */
  get target(): Target {
    return this.#target;
  }

  /**
   * One REST call with a JSON answer.
   * @throws MocError with the runtime's own code, or MOC_UNREACHABLE, MOC_CANCELLED
   */
  async call<N extends RestName>(
    name: N,
    request?: ClientRequest<N>,
    options?: CallOptions,
  ): Promise<RestResponse<N>> {
    const { bytes } = await this.bytes(name, request, options);
    // The runtime's answers are believed to have the form that the declaration gives.
    return parseJson(bytes) as RestResponse<N>;
  }

  /**
   * One REST call whose answer is bytes or text (`kvGet`, `getBlob`, `backup`, `metrics`).
   * @throws as {@link call}
   */
  async bytes<N extends RestName>(
    name: N,
    request?: ClientRequest<N>,
    options: CallOptions = {},
  ): Promise<{ readonly bytes: Uint8Array; readonly headers: HttpAnswer["headers"] }> {
    const { http, answer } = await this.#send(() => this.#request(name, request, options));
    const bytes = await readBody(answer, http);
    if (answer.status >= 300) throw errorOfAnswer(answer.status, bytes);
    return { bytes, headers: answer.headers };
  }

  /**
   * One REST call whose answer is bytes, as they come. An answer that is cut short throws.
   * @throws as {@link call}
   */
  async *stream<N extends RestName>(
    name: N,
    request?: ClientRequest<N>,
    options: CallOptions = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { http, answer } = await this.#send(() => this.#request(name, request, options));
    if (answer.status >= 300) throw errorOfAnswer(answer.status, await readBody(answer, http));
    try {
      for await (const part of answer.body) yield part as Uint8Array;
    } catch (error) {
      throw new MocError("MOC_UNREACHABLE", "The answer was cut short.", { cause: error });
    } finally {
      answer.body.destroy();
    }
  }

  /**
   * Events of the runtime until `signal` aborts; connects again after a loss, also when a local
   * runtime came back on another port.
   * @throws MocError MOC_UNAUTHORIZED and the like: what trying again cannot heal
   */
  async *events(options: EventOptions = {}): AsyncGenerator<PlatformEvent> {
    const { signal } = options;
    for (let attempt = 0; !signal?.aborted; attempt++) {
      try {
        for await (const event of this.#eventsOnce(options)) {
          attempt = 0;
          yield event;
        }
      } catch (error) {
        if (signal?.aborted) return;
        if (!(error instanceof MocError) || error.code !== "MOC_UNREACHABLE") throw error;
      }
      await pause(Math.min(100 * 2 ** attempt, 5000), signal);
      await this.#findAgain();
    }
  }

  /** Calls a function by its URL. A status that is not 2xx is a result, not an error. */
  async fetchFunction(request: FunctionRequest): Promise<FunctionResponse> {
    const start = performance.now();
    const { http, answer } = await this.#send(() => ({
      method: (request.method ?? "GET").toUpperCase(),
      url: this.#target.baseUrl + request.path,
      headers: request.headers ?? {},
      body: request.body,
      signal: request.signal,
    }));
    const firstByteMs = performance.now() - start;
    const body = await readBody(answer, http);
    const { status, statusText, headers } = answer;
    const durationMs = performance.now() - start;
    return { status, statusText, headers, body, durationMs, firstByteMs };
  }

  /** Closes idle connections; running calls fail. */
  close(): void {
    this.#connections.close();
  }

  async *#eventsOnce(options: EventOptions): AsyncGenerator<PlatformEvent> {
    const query = {
      ...(options.kinds && { kinds: options.kinds.join(",") }),
      ...(options.function !== undefined && { function: options.function }),
    };
    const http = this.#request("events", { query }, { signal: options.signal });
    const answer = await this.#connections.send(http);
    if (answer.status >= 300) throw errorOfAnswer(answer.status, await readBody(answer, http));
    options.onConnection?.(true);
    try {
      for await (const data of eventData(answer.body)) yield JSON.parse(data) as PlatformEvent;
    } catch (error) {
      throw new MocError("MOC_UNREACHABLE", "The event stream was lost.", { cause: error });
    } finally {
      answer.body.destroy();
      options.onConnection?.(false);
    }
  }

  /** A local runtime that nobody answers for may have come back on another port. */
  async #send(
    request: () => HttpRequest,
  ): Promise<{ readonly http: HttpRequest; readonly answer: HttpAnswer }> {
    const http = request();
    try {
      return { http, answer: await this.#connections.send(http) };
    } catch (error) {
      if (!isRefused(error) || !(await this.#findAgain())) throw error;
      const again = request();
      return { http: again, answer: await this.#connections.send(again) };
    }
  }

  #request<N extends RestName>(
    name: N,
    request: ClientRequest<N> | undefined,
    options: CallOptions,
  ): HttpRequest {
    const declared: RestCall = REST[name];
    // Per-call types were checked at our own call; here only the common form matters.
    const { path = {}, query = {}, body } = (request ?? {}) as AnyRequest;
    const raw = body instanceof Uint8Array || isStreamedBody(body);
    return {
      method: declared.method,
      url: this.#target.baseUrl + API_ROOT + fillPath(declared.path, path) + queryString(query),
      headers: {
        ...(this.#target.token && { authorization: `Bearer ${this.#target.token}` }),
        ...(body !== undefined && {
          "content-type": raw ? "application/octet-stream" : "application/json",
        }),
        ...options.headers,
      },
      body: body === undefined || raw ? body : JSON.stringify(body),
      signal: options.signal,
    };
  }

  /** Whether the runtime is elsewhere now. */
  async #findAgain(): Promise<boolean> {
    const { dataFolder } = this.#target;
    const instance = dataFolder && (await readInstance(dataFolder));
    if (!instance || instance.url === this.#target.baseUrl) return false;
    const { url: baseUrl, token, certificate } = instance;
    this.#connections.close();
    this.#target = { baseUrl, token, certificate, dataFolder };
    this.#connections = new HttpConnections(certificate);
    return true;
  }
}

/** The request was not even heard, so that sending it again is safe. */
function isRefused(error: unknown): boolean {
  const cause = error instanceof MocError ? (error.cause as NodeJS.ErrnoException) : undefined;
  return cause?.code === "ECONNREFUSED";
}

interface AnyRequest {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: Uint8Array | StreamedBody | object;
}

function fillPath(pattern: string, values: Readonly<Record<string, string>>): string {
  return pattern.replaceAll(/([!*])([\w-]+)/g, (_, kind: string, name: string) => {
    const value = values[name];
    if (value === undefined) throw new TypeError(`path parameter ${name} of ${pattern} is missing`);
    const encoded = encodeURIComponent(value);
    // The remainder of a path keeps its slashes as they are only where none can be misread.
    return kind === "*" ? encoded.replaceAll("%2F", "/").replaceAll("//", "/%2F") : encoded;
  });
}

function queryString(query: AnyRequest["query"]): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size > 0 ? `?${parameters}` : "";
}

function parseJson(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch (error) {
    const head = text.slice(0, 80);
    throw new MocError("MOC_UNREACHABLE", `What answers is no runtime of ours: "${head}".`, {
      cause: error,
    });
  }
}

function errorOfAnswer(status: number, bytes: Uint8Array): MocError {
  const text = new TextDecoder().decode(bytes);
  try {
    const json = JSON.parse(text) as Partial<ErrorJson>;
    if (typeof json.message === "string" && typeof json.code === "string") {
      return MocError.fromJSON(json as ErrorJson);
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const code =
    status === 401 ? "MOC_UNAUTHORIZED" : status === 404 ? "MOC_NOT_FOUND" : "MOC_INTERNAL";
  return new MocError(code, `The runtime answered status ${status}: ${text.slice(0, 200)}`);
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal?.aborted) throw error;
  });
}
