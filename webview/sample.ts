import type { CallExchange, CallReport, ExchangePart } from "../runtime/protocol/model.ts";
import { asText, fromBase64 } from "./bytes.ts";

/** A sample input as it stands in a function's `samples` folder (schemas/sample.schema.json). */
export interface Sample {
  readonly name: string;
  readonly method: string;
  /** Path, or pattern with `!name` and `*rest`. */
  readonly path: string;
  readonly pathParams?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly bodyBase64?: string;
  readonly expect?: { readonly status: number };
}

/** A request line `GET /a?b=c` in its parts; undefined when it is none. */
export function parseTarget(
  target: string,
): { readonly method: string; readonly path: string; readonly query: string } | undefined {
  const found = /^([A-Z]+) (\/[^?]*)\??(.*)$/.exec(target);
  if (!found) return undefined;
  const [, method = "", path = "", query = ""] = found;
  return { method, path, query };
}

/** Headers that every client says by itself, or that belong to one connection. */
const OWN_OF_CLIENTS: ReadonlySet<string> = new Set([
  "accept-encoding",
  "accept-language",
  "cache-control",
  "connection",
  "content-length",
  "dnt",
  "expect",
  "host",
  "keep-alive",
  "origin",
  "pragma",
  "priority",
  "referer",
  "te",
  "transfer-encoding",
  "upgrade",
  "upgrade-insecure-requests",
  "user-agent",
]);

/** What of a request's headers makes it what it is, and can be sent again. */
function ownHeaders({ headers }: ExchangePart): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => !OWN_OF_CLIENTS.has(name) && !/^(x-moc-|sec-)/.test(name),
    ),
  );
}

/** Whether the body is known from its first byte to its last. */
export function isWhole({ body_base64, length }: ExchangePart): boolean {
  return length !== undefined && length === fromBase64(body_base64).length;
}

/**
 * A past request as a sample.
 * @param exchange its headers and bodies, if they are still kept
 */
export function sampleOfCall(call: CallReport, exchange?: CallExchange): Sample {
  const { method, path, query } = parseTarget(call.target ?? "") ?? {
    method: "GET",
    path: "/",
    query: "",
  };
  const headers = exchange ? ownHeaders(exchange.request) : {};
  return {
    name: `call ${call.id} of ${call.function}`,
    method,
    ...address(path, query),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(exchange && bodyOf(exchange.request)),
    ...(call.status !== undefined && { expect: { status: call.status } }),
  };
}

/** A segment that looks like a parameter is none here; a parameter given twice stays in the path. */
function address(path: string, query: string): Pick<Sample, "path" | "query"> {
  const literal = path.replace(/\/([!*])/g, (_, mark) => (mark === "!" ? "/%21" : "/%2A"));
  const pairs = [...new URLSearchParams(query)];
  if (pairs.length === 0) return { path: literal };
  const once = Object.fromEntries(pairs);
  return Object.keys(once).length === pairs.length
    ? { path: literal, query: once }
    : { path: `${literal}?${query}` };
}

/** As text where it is text. */
function bodyOf(request: ExchangePart): Pick<Sample, "body" | "bodyBase64"> {
  const { body_base64 } = request;
  if (body_base64 === "" || !isWhole(request)) return {};
  const text = asText(fromBase64(body_base64));
  return text === undefined ? { bodyBase64: body_base64 } : { body: text };
}

/** The text of a sample's file. */
export function sampleText(sample: Sample): string {
  return `${JSON.stringify(sample, undefined, 2)}\n`;
}

/** `call 7 of hello` becomes `call-7-of-hello.http.json`. */
export function sampleFileName({ name }: Sample): string {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? ["sample"];
  return `${words.join("-")}.http.json`;
}

/** Names of the parameters of a path pattern, in their order. */
export function pathParameters(pattern: string): readonly string[] {
  return pattern
    .split("/")
    .filter((part) => /^[!*]./.test(part))
    .map((part) => part.slice(1));
}

/** The path with its parameters filled in; what is missing stays empty. */
export function fillPath(pattern: string, values: Readonly<Record<string, string>>): string {
  return pattern
    .split("/")
    .map((part) => {
      if (!/^[!*]./.test(part)) return part;
      const value = values[part.slice(1)] ?? "";
      return part.startsWith("*")
        ? value.split("/").map(encodeURIComponent).join("/")
        : encodeURIComponent(value);
    })
    .join("/");
}
