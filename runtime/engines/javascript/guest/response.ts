import { Body, type BodyParts, type Content, contentOf, TEXT_TYPE } from "./body.ts";
import { Headers } from "./headers.ts";
import { URL } from "./url.ts";

interface ResponseInit {
  readonly status?: number;
  readonly statusText?: string;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
}

const REDIRECTS = [301, 302, 303, 307, 308];
const WITHOUT_BODY = [101, 103, 204, 205, 304];

/** What a response is made of; what is absent has its usual value. */
interface ResponseParts extends BodyParts {
  readonly status: number;
  headers: Headers | undefined;
  /** Content type that the body implies, of a response whose headers nobody named. */
  implied: string | undefined;
  readonly statusText?: string;
  readonly url?: string;
  readonly type?: string;
}

/** Parts that need no check, in place of what user code gives. */
class Given {
  readonly parts: ResponseParts;
  constructor(parts: ResponseParts) {
    this.parts = parts;
  }
}

/** @see https://fetch.spec.whatwg.org/#response-class */
export class Response extends Body<ResponseParts> {
  constructor(body?: unknown, init?: ResponseInit) {
    super(partsOf(body, init));
  }

  /** The headers as JSON, or nothing but the content type, which most responses have alone. */
  static _headersText(response: Response): string {
    const { headers, implied } = Body._parts(response);
    if (headers) return JSON.stringify(Headers._record(headers));
    return implied?.startsWith("{") ? JSON.stringify({ "content-type": implied }) : (implied ?? "");
  }

  get status(): number {
    return Body._parts(this).status;
  }

  get statusText(): string {
    return Body._parts(this).statusText ?? "";
  }

  get url(): string {
    return Body._parts(this).url ?? "";
  }

  get type(): string {
    return Body._parts(this).type ?? "default";
  }

  get headers(): Headers {
    const parts = Body._parts(this);
    if (!parts.headers) {
      parts.headers = new Headers();
      if (parts.implied !== undefined) parts.headers.set("content-type", parts.implied);
    }
    return parts.headers;
  }

  static json(data: unknown, init: ResponseInit = {}): Response {
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError("the value cannot be written as JSON");
    const response = new Response(text, init);
    const parts = Body._parts(response);
    if (!parts.headers) parts.implied = "application/json";
    else if (!new Headers(init.headers).has("content-type")) {
      parts.headers.set("content-type", "application/json");
    }
    return response;
  }

  static redirect(url: unknown, status = 302): Response {
    if (!REDIRECTS.includes(status)) throw new RangeError(`${status} is not a redirect status`);
    const location = URL.canParse(url) ? new URL(url).href : String(url);
    return new Response(null, { status, headers: { location } });
  }

  static error(): Response {
    return of({
      content: undefined,
      status: 0,
      headers: undefined,
      implied: undefined,
      type: "error",
    });
  }

  /** The answer of a request that the host sent. */
  static _received(
    status: number,
    headers: Readonly<Record<string, string>>,
    content: Content,
    url: string,
  ): Response {
    const trusted = Headers._trusted(headers);
    return of({ content, status, headers: trusted, implied: undefined, url, type: "basic" });
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  get redirected(): boolean {
    return false;
  }

  clone(): Response {
    const content = Body._tee(this);
    return of({ ...Body._parts(this), content, headers: new Headers(this.headers) });
  }

  get [Symbol.toStringTag](): string {
    return "Response";
  }
}

function of(parts: ResponseParts): Response {
  return new Response(new Given(parts));
}

function partsOf(body: unknown, init: ResponseInit | undefined): ResponseParts {
  if (typeof body === "string" && init === undefined) {
    return { content: body, status: 200, headers: undefined, implied: TEXT_TYPE };
  }
  if (body instanceof Given) return body.parts;
  const { content, type: implied } = contentOf(body);
  const status = init?.status === undefined ? 200 : checkStatus(init.status, content);
  const statusText = init?.statusText === undefined ? "" : String(init.statusText);
  if (init?.headers === undefined) {
    return { content, status, headers: undefined, implied, statusText };
  }
  const headers = new Headers(init.headers);
  if (implied !== undefined && !headers.has("content-type")) headers.set("content-type", implied);
  return { content, status, headers, implied, statusText };
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
