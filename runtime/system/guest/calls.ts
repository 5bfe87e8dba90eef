import { MocError } from "../../protocol/errors.ts";
import { openapi } from "../../protocol/openapi.ts";
import type { RestName } from "../../protocol/rest.ts";
import { answerError, answerJson, isRefusal, setHeaders } from "./answer.ts";
import { core, platform } from "./apis.ts";
import { type Request, readRequest } from "./request.ts";

/** Answers one call of the REST API; never throws what the caller is to blame for. */
export function serve(name: RestName): number {
  let request: Request;
  try {
    request = readRequest(name);
    const special = SPECIAL[name];
    if (special) return special(request);
    if (request.call.answer === "json") return json(request);
  } catch (error) {
    return answerError(error);
  }
  return open(request);
}

/** Calls whose request or answer needs more than the platform's operation of the same name. */
const SPECIAL: { readonly [name in RestName]?: (request: Request) => number } = {
  registerBlob: (request) => withBytes(request, "bytes"),
  callFunction: (request) => withBytes(request, "input"),
  putBlob: (request) => {
    const contentType = request.headers["content-type"] ?? "application/octet-stream";
    return json(request, { content_type: contentType });
  },
  kvPut: (request) => json(request, conditions(request)),
  kvDelete: (request) => json(request, conditions(request)),
  exportDatabase: (request) => open(request),
  openapi: () => {
    const { version } = JSON.parse(platform.request("status", "{}", -1));
    return answerJson(JSON.stringify(openapi(version)));
  },
};

/** Headers of answers that are not JSON. */
const HEADERS: { readonly [name in RestName]?: (request: Request) => Record<string, string> } = {
  getBlob: (request) => {
    const { contentType = "", techID } = ask("headBlob", request);
    return { "content-type": contentType, etag: `"${techID}"`, ...UNTRUSTED };
  },
  kvGet: (request) => {
    const { etag } = ask("kvInfo", request);
    return { "content-type": "application/octet-stream", etag: `"${etag}"`, ...UNTRUSTED };
  },
  events: () => ({ "content-type": "text/event-stream", "x-accel-buffering": "no" }),
  metrics: () => ({ "content-type": "text/plain; version=0.0.4; charset=utf-8" }),
  backup: () => ({
    "content-type": "application/gzip",
    "content-disposition": 'attachment; filename="my-own-cluster-backup.tar.gz"',
  }),
  exportDatabase: () => ({ "content-type": "application/json" }),
};

/** Bytes that anybody may have stored must not run as a page beside the dashboard. */
const UNTRUSTED = {
  "content-security-policy": "sandbox; default-src 'none'",
  "x-content-type-options": "nosniff",
};

function json(request: Request, more: Record<string, unknown> = {}, body = request.body): number {
  const argument = JSON.stringify({ ...request.argument, ...more });
  return answerJson(platform.request(request.name, argument, body));
}

/** The field with base64 becomes the body of the operation. */
function withBytes(request: Request, field: string): number {
  const { [field]: encoded, ...argument } = request.argument;
  const buffer = core.createExchangeBuffer();
  try {
    if (encoded) core.writeExchangeBuffer(buffer, decode(field, String(encoded)));
    return json({ ...request, argument }, {}, buffer);
  } finally {
    core.freeBuffer(buffer);
  }
}

function decode(field: string, encoded: string): Uint8Array {
  try {
    return core.base64Decode(encoded);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new MocError("MOC_BAD_REQUEST", `field ${field} is not base64`);
  }
}

/** Answers with bytes, which do not pass through this guest. */
function open(request: Request): number {
  const output = core.getOutputBufferId();
  try {
    setHeaders({ "cache-control": "no-store", ...HEADERS[request.name]?.(request) });
    core.writeExchangeBufferStatusCode(output, 200);
    platform.open(request.name, JSON.stringify(request.argument), output);
    return 200;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return answerError(error);
  }
}

function ask(operation: string, request: Request): Record<string, string> {
  return JSON.parse(platform.request(operation, JSON.stringify(request.argument), -1));
}

function conditions({ headers }: Request): Record<string, string> {
  const match = headers["if-match"];
  const none = headers["if-none-match"];
  return { ...(match && { if_match: match }), ...(none && { if_none_match: none }) };
}
