import { Body, type Content, HostSource, readBytes } from "./body.ts";
import { Headers } from "./headers.ts";
import { ask, type HostArgument, toHostBytes } from "./host.ts";
import { ASK } from "./ops.ts";
import { Request, type RequestInit } from "./request.ts";
import { Response } from "./response.ts";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly source: number;
}

const CONNECTION = [
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
];

/** `fetch`: the host sends the request, under its outbound policy. */
export async function fetch(input: unknown, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const { signal } = init ?? {};
  signal?.throwIfAborted();
  const content = Body._take(request);
  const facts = {
    method: request.method,
    url: request.url,
    headers: outgoing(request.headers),
    redirect: request.redirect === "follow",
    source: content instanceof HostSource ? content.id : undefined,
  };
  const answer = await abortable(
    signal ?? undefined,
    ask<Answer>(ASK.FETCH, JSON.stringify(facts), await bodyOf(content)),
  );
  if (request.redirect === "error" && answer.status >= 300 && answer.status < 400) {
    throw new TypeError(`${request.url} answered with a redirect`);
  }
  const source = new HostSource(answer.source);
  signal?.addEventListener("abort", () => void ask(ASK.BODY_CANCEL, source.id));
  const empty = request.method === "HEAD" || [204, 205, 304].includes(answer.status);
  return Response._received(answer.status, answer.headers, empty ? undefined : source, request.url);
}

/** A body as the host takes it; streams are read first, sources stay where they are. */
export async function bodyOf(content: Content): Promise<HostArgument> {
  if (content === undefined || content instanceof HostSource) return undefined;
  if (typeof content === "string") return content;
  return toHostBytes(content instanceof Uint8Array ? content : await readBytes(content));
}

function outgoing(headers: Headers): Record<string, string> {
  const record = Headers._record(headers);
  for (const name in record) {
    // Facts of the incoming request and of its connection are nobody else's business.
    if (name.startsWith("x-moc-") || CONNECTION.includes(name)) delete record[name];
  }
  return record;
}

function abortable<T>(signal: RequestInit["signal"], work: Promise<T>): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
    work.then(resolve, reject);
  });
}
