import { Body, type Content, contentOf } from "./body.ts";
import { Headers } from "./headers.ts";
import { URL } from "./url.ts";

interface ResponseInit {
  readonly status?: number;
  readonly statusText?: string;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
}

const REDIRECTS = [301, 302, 303, 307, 308];
const WITHOUT_BODY = [101, 103, 204, 205, 304];

/** A response that the host or this prelude makes, whose parts need no check. */
class ResponseSeed {
  readonly content: Content;
  readonly status: number;
  readonly headers: Headers;
  readonly url: string;
  readonly type: string;

  constructor(content: Content, status: number, headers: Headers, url: string, type: string) {
    this.content = content;
    this.status = status;
    this.headers = headers;
    this.url = url;
    this.type = type;
  }
}

/** @see https://fetch.spec.whatwg.org/#response-class */
export class Response extends Body {
  readonly #status: number;
  readonly #statusText: string;
  readonly #url: string;
  readonly #type: string;
  #headers: Headers | undefined;
  /** Content type that the body implies, of a response whose headers nobody named. */
  #implied: string | undefined;

  constructor(body?: unknown, init?: ResponseInit) {
    if (body instanceof ResponseSeed) {
      super(body.content);
      this.#status = body.status;
      this.#statusText = "";
      this.#headers = body.headers;
      this.#url = body.url;
      this.#type = body.type;
      return;
    }
    const { content, type } = contentOf(body);
    super(content);
    this.#status = init?.status === undefined ? 200 : checkStatus(init.status, content);
    this.#statusText = init?.statusText === undefined ? "" : String(init.statusText);
    this.#url = "";
    this.#type = "default";
    if (init?.headers === undefined) {
      this.#implied = type;
      return;
    }
    this.#headers = new Headers(init.headers);
    if (type !== undefined && !this.#headers.has("content-type")) {
      this.#headers.set("content-type", type);
    }
  }

  /** The headers as JSON, which for most responses takes no Headers at all. */
  static _headersJson(response: Response): string {
    const headers = response.#headers;
    if (headers) return JSON.stringify(Headers._record(headers));
    return response.#implied === undefined ? "{}" : `{"content-type":"${response.#implied}"}`;
  }

  get status(): number {
    return this.#status;
  }

  get statusText(): string {
    return this.#statusText;
  }

  get url(): string {
    return this.#url;
  }

  get type(): string {
    return this.#type;
  }

  get headers(): Headers {
    if (!this.#headers) {
      this.#headers = new Headers();
      if (this.#implied !== undefined) this.#headers.set("content-type", this.#implied);
    }
    return this.#headers;
  }

  static json(data: unknown, init: ResponseInit = {}): Response {
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError("the value cannot be written as JSON");
    const response = new Response(text, init);
    if (!response.#headers) response.#implied = "application/json";
    else if (!new Headers(init.headers).has("content-type")) {
      response.#headers.set("content-type", "application/json");
    }
    return response;
  }

  static redirect(url: unknown, status = 302): Response {
    if (!REDIRECTS.includes(status)) throw new RangeError(`${status} is not a redirect status`);
    const location = URL.canParse(url) ? new URL(url).href : String(url);
    return new Response(null, { status, headers: { location } });
  }

  static error(): Response {
    return new Response(new ResponseSeed(undefined, 0, new Headers(), "", "error"));
  }

  /** The answer of a request that the host sent. */
  static _received(
    status: number,
    headers: Readonly<Record<string, string>>,
    content: Content,
    url: string,
  ): Response {
    return new Response(new ResponseSeed(content, status, Headers._trusted(headers), url, "basic"));
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  get redirected(): boolean {
    return false;
  }

  clone(): Response {
    const content = Body._tee(this);
    const { status, url, type } = this;
    const copy = new ResponseSeed(content, status, new Headers(this.headers), url, type);
    return new Response(copy);
  }

  get [Symbol.toStringTag](): string {
    return "Response";
  }
}

function checkStatus(status: unknown, content: Content): number {
  const number = Number(status);
  if (!(number >= 200 && number <= 599) && number !== 101) {
    throw new RangeError(`the status ${status} is not between 200 and 599`);
  }
  if (content !== undefined && WITHOUT_BODY.includes(number)) {
    throw new TypeError(`a response with status ${status} has no body`);
  }
  return number;
}
