import type { CallExchange, CallReport } from "../../runtime/protocol/model.ts";
import type { FunctionSummary } from "../../runtime/protocol/rest.ts";
import { fromBase64 } from "../bytes.ts";
import { fillPath, parseTarget, pathParameters, type Sample, sampleOfCall } from "../sample.ts";
import type { FunctionRequest } from "../transport/transport.ts";

export const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const BODYLESS = new Set(["GET", "HEAD"]);

export type Way = "http" | "direct" | "posix";

/** What the user filled in; kept over a reload. */
export interface Request {
  way: Way;
  method: string;
  /** Path, or a plug's pattern. */
  path: string;
  params: Record<string, string>;
  query: string;
  headers: string;
  body: string;
  /** Bytes that are sent instead of the text, and what they are called; empty: none. */
  bodyBase64: string;
  bodyName: string;
  /** Function that is called without a URL. */
  name: string;
  start: string;
  arguments: string;
}

export const FIRST_REQUEST: Request = {
  way: "http",
  method: "GET",
  path: "/",
  params: {},
  query: "",
  headers: "",
  body: "",
  bodyBase64: "",
  bodyName: "",
  name: "",
  start: "",
  arguments: "",
};

/** Number of the call that is to be made again, if the place names one. */
export function callToRepeat(detail: string): string | undefined {
  return /^call (\d+)$/.exec(detail)?.[1];
}

/** A past call as a request, as far as it is known. */
export function requestOfCall(call: CallReport, exchange?: CallExchange): Partial<Request> {
  if (call.trigger === "http") return requestOfSample(sampleOfCall(call, exchange));
  const { body = "", bodyBase64 = "" } = sampleOfCall(call, exchange);
  return {
    way: "direct",
    name: call.function,
    start: call.startFunction,
    body,
    bodyBase64,
    bodyName: bodyBase64 === "" ? "" : "the call's input",
  };
}

/** From a function's name, or from a request line `GET /path?query`. */
export function requestFor(
  detail: string,
  functions: readonly FunctionSummary[],
): Partial<Request> {
  const target = parseTarget(detail);
  if (target) return { way: "http", ...target };
  const plug = functions.find((one) => one.name === detail)?.plugs[0];
  return plug
    ? { way: "http", method: plug.method.toUpperCase(), path: plug.path, query: "" }
    : { way: "direct", name: detail };
}

export function hasBody(request: Request): boolean {
  return request.way !== "http" || !BODYLESS.has(request.method);
}

/** The request as it is sent. */
export function httpRequest(request: Request): FunctionRequest {
  const filled = fillPath(request.path.trim(), request.params);
  const path = filled.startsWith("/") ? filled : `/${filled}`;
  const query = request.query.replace(/^\?/, "").trim();
  return {
    method: request.method,
    path: query === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${query}`,
    headers: parseHeaders(request.headers),
    ...(hasBody(request) && { body: bodyBytes(request) }),
  };
}

/** What is sent as the body. */
export function bodyBytes({ body, bodyBase64 }: Request): Uint8Array {
  return bodyBase64 === "" ? new TextEncoder().encode(body) : fromBase64(bodyBase64);
}

/** Lines `name: value`; others are left out. */
function parseHeaders(text: string): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
  }
  return headers;
}

/** The filled-in request as a sample of its function. */
export function sampleOfRequest(name: string, request: Request, status?: number): Sample {
  const params = pathParameters(request.path);
  const headers = parseHeaders(request.headers);
  return {
    name,
    method: request.method,
    path: request.path,
    ...(params.length > 0 && {
      pathParams: Object.fromEntries(params.map((one) => [one, request.params[one] ?? ""])),
    }),
    ...(request.query !== "" && { query: Object.fromEntries(new URLSearchParams(request.query)) }),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(hasBody(request) &&
      (request.bodyBase64 === ""
        ? request.body !== "" && { body: request.body }
        : { bodyBase64: request.bodyBase64 })),
    ...(status !== undefined && { expect: { status } }),
  };
}

/** A sample as a filled-in request. */
export function requestOfSample(sample: Sample): Partial<Request> {
  return {
    way: "http",
    method: sample.method,
    path: sample.path,
    params: { ...sample.pathParams },
    query: String(new URLSearchParams(sample.query)),
    headers: Object.entries(sample.headers ?? {})
      .map(([name, value]) => `${name}: ${value}`)
      .join("\n"),
    body: sample.body ?? "",
    bodyBase64: sample.bodyBase64 ?? "",
    bodyName: sample.bodyBase64 === undefined ? "" : "bytes of the sample",
  };
}
