import { Body, type Content, contentOf } from "./body.ts";
import { AbortController, type AbortSignal } from "./events.ts";
import { Headers } from "./headers.ts";
import { URL } from "./url.ts";

type Redirect = "follow" | "error" | "manual";

/** Settings of a request, as `fetch` takes them. */
export interface RequestInit {
  readonly method?: string;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  readonly body?: unknown;
  readonly signal?: AbortSignal | null;
  readonly redirect?: Redirect;
  readonly [other: string]: unknown;
}

/** What a request is made of, checked. */
export class RequestSeed {
  readonly method: string;
  readonly url: string;
  /** A function fetches them from the host when somebody looks. */
  readonly headers: Headers | (() => Readonly<Record<string, string>>);
  readonly content: Content;
  readonly redirect: Redirect;
  readonly signal: AbortSignal | undefined;

  constructor(
    method: string,
    url: string,
    headers: RequestSeed["headers"],
    content: Content,
    redirect: Redirect = "follow",
    signal?: AbortSignal,
  ) {
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.content = content;
    this.redirect = redirect;
    this.signal = signal;
  }
}

/** @see https://fetch.spec.whatwg.org/#request-class */
export class Request extends Body {
  readonly #seed: RequestSeed;
  #headers: Headers | undefined;
  #signal: AbortSignal | undefined;

  constructor(input: unknown, init: RequestInit = {}) {
    const seed = input instanceof RequestSeed ? input : seedOf(input, init);
    super(seed.content);
    this.#seed = seed;
  }

  get method(): string {
    return this.#seed.method;
  }

  get url(): string {
    return this.#seed.url;
  }

  get redirect(): Redirect {
    return this.#seed.redirect;
  }

  get headers(): Headers {
    if (!this.#headers) {
      const { headers } = this.#seed;
      this.#headers = headers instanceof Headers ? headers : Headers._trusted(headers());
    }
    return this.#headers;
  }

  get signal(): AbortSignal {
    this.#signal ??= this.#seed.signal ?? new AbortController().signal;
    return this.#signal;
  }

  clone(): Request {
    const content = Body._tee(this);
    const headers = new Headers(this.headers);
    const { method, url, redirect, signal } = this.#seed;
    return new Request(new RequestSeed(method, url, headers, content, redirect, signal));
  }

  get [Symbol.toStringTag](): string {
    return "Request";
  }
}

const CONSTANTS = {
  cache: "default",
  credentials: "same-origin",
  destination: "",
  duplex: "half",
  integrity: "",
  keepalive: false,
  mode: "cors",
  referrer: "about:client",
  referrerPolicy: "",
};
for (const [name, value] of Object.entries(CONSTANTS)) {
  Object.defineProperty(Request.prototype, name, { value, enumerable: true, configurable: true });
}

function seedOf(input: unknown, init: RequestInit): RequestSeed {
  const from = input instanceof Request ? input : undefined;
  const method = methodOf(init.method ?? from?.method ?? "GET");
  const own = init.body !== undefined && init.body !== null;
  const { content, type } = own
    ? contentOf(init.body)
    : { content: from ? Body._take(from) : undefined, type: undefined };
  if (content !== undefined && (method === "GET" || method === "HEAD")) {
    throw new TypeError(`a ${method} request has no body`);
  }
  const headers = new Headers(init.headers ?? from?.headers);
  if (type !== undefined && !headers.has("content-type")) headers.set("content-type", type);
  const signal = init.signal ?? (from ? from.signal : undefined);
  const url = from ? from.url : new URL(input).href;
  const redirect = init.redirect ?? from?.redirect ?? "follow";
  return new RequestSeed(method, url, headers, content, redirect, signal);
}

const STANDARD = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];

/** Standard methods are written in capitals whatever the case they were given in. */
function methodOf(method: unknown): string {
  const text = String(method);
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text)) {
    throw new TypeError(`"${text}" is not a valid method`);
  }
  const capitals = text.toUpperCase();
  return STANDARD.includes(capitals) ? capitals : text;
}
