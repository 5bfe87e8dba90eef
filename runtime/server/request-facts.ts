import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { MocError } from "../protocol/errors.ts";
import { decodeEscapes, type RequestTarget } from "./request-target.ts";
import { SESSION_COOKIE } from "./session.ts";

/** Headers of a request on their way to a function: lower-case names, one value each. */
export type RequestHeaders = Record<string, string>;

const peers = new WeakMap<Socket, string>();

/**
 * The request's headers as functions get them. It is Node's own record, changed in place because
 * nobody else reads it: building another one for each request would cost more than all the rest.
 *
 * Dropped: `x-moc-*`, which only the platform may say, and the session cookie of the dashboard.
 * @throws MOC_BAD_REQUEST several Host headers (RFC 9112, 3.2)
 */
export function takeHeaders(request: IncomingMessage): RequestHeaders {
  // Node types values as lists too, which only set-cookie is: see below.
  const headers = request.headers as RequestHeaders;
  const raw = request.rawHeaders;
  let hosts = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? "";
    const first = name.charCodeAt(0) | 0x20;
    if (first === 0x78 /* x */) {
      if (isReserved(name)) delete headers[name.toLowerCase()];
    } else if (first === 0x68 /* h */) {
      if (name.length === 4 && name.toLowerCase() === "host") hosts++;
    } else if (first === 0x73 /* s */) {
      if (name.toLowerCase() === "set-cookie") delete headers["set-cookie"];
    }
  }
  if (hosts > 1) throw new MocError("MOC_BAD_REQUEST", "The request has several Host headers.");
  const cookie = headers.cookie;
  if (cookie?.includes(SESSION_COOKIE)) dropSession(headers, cookie);
  return headers;
}

/** What the platform knows of a request beside its headers. */
interface Facts {
  readonly method: string;
  readonly host: string;
  readonly target: RequestTarget;
  readonly params: Readonly<Record<string, string>>;
}

/** Adds the `x-moc-…` headers of the original. */
export function addFacts(headers: RequestHeaders, request: IncomingMessage, facts: Facts): void {
  headers["x-moc-host"] = facts.host;
  headers["x-moc-method"] = facts.method;
  headers["x-moc-proto"] = request.httpVersion === "1.1" ? "HTTP/1.1" : "HTTP/1.0";
  headers["x-moc-remote-addr"] = remoteAddress(request.socket);
  headers["x-moc-request-uri"] = request.url ?? "/";
  headers["x-moc-url-path"] = decodeEscapes(facts.target.path);
  headers["x-moc-url-query"] = facts.target.query;
  for (const name in facts.params) {
    headers[`x-moc-path-param-${name.toLowerCase()}`] = facts.params[name] ?? "";
  }
}

/** `address:port` of the other side, as the original said it. */
function remoteAddress(socket: Socket): string {
  let peer = peers.get(socket);
  if (peer === undefined) {
    const address = socket.remoteAddress ?? "";
    peer = `${address.includes(":") ? `[${address}]` : address}:${socket.remotePort ?? 0}`;
    peers.set(socket, peer);
  }
  return peer;
}

function isReserved(name: string): boolean {
  return name.length > 6 && name.slice(0, 6).toLowerCase() === "x-moc-";
}

function dropSession(headers: RequestHeaders, cookie: string): void {
  const others = cookie
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => !pair.startsWith(`${SESSION_COOKIE}=`));
  if (others.length === 0) delete headers.cookie;
  else headers.cookie = others.join("; ");
}
