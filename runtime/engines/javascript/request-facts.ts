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

/** Flags: see guest/enter.ts. */
const HAS_BODY = 1;
const MESSAGES = 2;

/** Whether the input of a call is a body, or messages: what every call of a module is told at once. */
export function inputFlags(context: CallContext): number {
  const input = context.buffers.get(context.input);
  if (input.messages) return MESSAGES;
  if ("length" in input && input.length === 0) return 0;
  const method = input.headers.get("x-moc-method")?.toUpperCase();
  return method === "GET" || method === "HEAD" ? 0 : HAS_BODY;
}

/** Method, space and URL of a call. Calls that no request caused are POSTs if they have input. */
export function requestLine(context: CallContext): string {
  const input = context.buffers.get(context.input);
  const host = input.headers.get("x-moc-host") ?? "localhost";
  const target = input.headers.get("x-moc-request-uri") ?? `/${context.functionName}`;
  const url = target.startsWith("/") ? `https://${host}${target}` : target;
  const method = input.headers.get("x-moc-method")?.toUpperCase();
  if (method !== undefined) return `${method} ${url}`;
  const hasBody = !input.messages && !("length" in input && input.length === 0);
  return `${hasBody ? "POST" : "GET"} ${url}`;
}
