import type { CallContext } from "../../guest-api/call-context.ts";

const PARAM = "x-moc-path-param-";

/** What `env` and `request.headers` show of a call: `CallFacts` in guest/env.ts. */
export function requestFacts(context: CallContext, vars: Readonly<Record<string, string>>): object {
  const { headers } = context.buffers.get(context.input);
  const params: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (name.startsWith(PARAM)) params[name.slice(PARAM.length)] = value;
  }
  return {
    headers: Object.fromEntries(headers),
    vars,
    params,
    plugData: headers.get("x-moc-plug-data") ?? "",
  };
}

/** Bits of {@link EntryFacts}'s flags: see guest/enter.ts. */
const HAS_BODY = 1;
const MESSAGES = 2;

/** What every call of a module is told at once. */
export interface EntryFacts {
  readonly method: string;
  readonly url: string;
  readonly flags: number;
}

/** Method, URL and kind of the input of a call. Calls that no request caused are POSTs. */
export function entryFacts(context: CallContext): EntryFacts {
  const input = context.buffers.get(context.input);
  const method = input.headers.get("x-moc-method")?.toUpperCase();
  const host = input.headers.get("x-moc-host") ?? "localhost";
  const target = input.headers.get("x-moc-request-uri") ?? `/${context.functionName}`;
  const url = target.startsWith("/") ? `https://${host}${target}` : target;
  if (input.messages) return { method: method ?? "GET", url, flags: MESSAGES };
  const hasBody = "length" in input ? input.length !== 0 : true;
  const known = method ?? (hasBody ? "POST" : "GET");
  const bodyless = known === "GET" || known === "HEAD";
  return { method: known, url, flags: hasBody && !bodyless ? HAS_BODY : 0 };
}
