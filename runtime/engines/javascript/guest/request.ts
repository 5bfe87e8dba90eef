import { Body, type BodyParts, type Content, contentOf } from "./body.ts";
import type { CallFacts } from "./call-facts.ts";
import { AbortController, type AbortSignal } from "./events.ts";
import { Headers } from "./headers.ts";
import { host } from "./host.ts";
import { OP } from "./ops.ts";
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
export interface RequestParts extends BodyParts {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly redirect: Redirect;
  signal: AbortSignal | undefined;
}

/** The request that a call is about. Its parts come from the host when somebody looks. */
export class IncomingParts implements RequestParts {
  readonly redirect = "follow";
  content: Content = undefined;
  signal: AbortSignal | undefined;
  readonly #facts: () => CallFacts;
  /** Method, space, URL. */
  #line: string | undefined;
  #headers: Headers | undefined;

  constructor(facts: () => CallFacts) {
    this.#facts = facts;
  }

  get method(): string {
    const line = this.#requestLine();
    return line.slice(0, line.indexOf(" "));
  }

  get url(): string {
    const line = this.#requestLine();
    return line.slice(line.indexOf(" ") + 1);
  }

  get headers(): Headers {
    this.#headers ??= Headers._trusted(this.#facts().headers);
    return this.#headers;
  }

  #requestLine(): string {
    this.#line ??= host(OP.REQUEST_LINE) as string;
    return this.#line;
  }
}

/** Parts that need no check, in place of what user code gives. */
class Given {
  readonly parts: RequestParts;
  constructor(parts: RequestParts) {
    this.parts = parts;
  }
}

/** @see https://fetch.spec.whatwg.org/#request-class */
export class Request extends Body<RequestParts> {
  constructor(input: unknown, init: RequestInit = {}) {
    super(input instanceof Given ? input.parts : partsOf(input, init));
  }

  static _of(parts: RequestParts): Request {
    return new Request(new Given(parts));
  }

  get method(): string {
    return Body._parts(this).method;
  }

  get url(): string {
    return Body._parts(this).url;
  }

  get redirect(): Redirect {
    return Body._parts(this).redirect;
  }

  get headers(): Headers {
    return Body._parts(this).headers;
  }

  get signal(): AbortSignal {
    const parts = Body._parts(this);
    parts.signal ??= new AbortController().signal;
    return parts.signal;
  }

  clone(): Request {
    const content = Body._tee(this);
    const headers = new Headers(this.headers);
    const { method, url, redirect, signal } = Body._parts(this);
    return Request._of({ method, url, headers, content, redirect, signal });
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

function partsOf(input: unknown, init: RequestInit): RequestParts {
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
  return { method, url, headers, content, redirect, signal };
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
