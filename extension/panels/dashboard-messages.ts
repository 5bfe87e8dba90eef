/** Checks the messages of the dashboard's page on arrival (their types: runtime/protocol/panel.ts). */

import { isObject } from "../../runtime/protocol/is-object.ts";
import type { FromPanel, PanelFunctionRequest } from "../../runtime/protocol/panel.ts";
import { API_ROOT, REST, type RestName } from "../../runtime/protocol/rest.ts";

/** A REST request of the page, as far as it can be checked here; the runtime checks its fields. */
interface PanelRestRequest {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | number>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** A message of the page with its request read. */
export type DashboardMessage =
  | {
      readonly id: number;
      readonly method: "rest" | "bytes";
      readonly name: RestName;
      readonly request: PanelRestRequest;
    }
  | Exclude<FromPanel, { readonly method: "rest" | "bytes" }>;

/** The message, or undefined when it is none of ours. */
export function parseFromDashboard(message: unknown): DashboardMessage | undefined {
  if (!isObject(message)) return undefined;
  const { method, id, name } = message;
  if (method === "ready") return { method };
  if (method === "openSource") {
    return typeof message.function === "string"
      ? { method, function: message.function }
      : undefined;
  }
  if (method === "save") {
    const { bytes } = message;
    return isFileName(name) && bytes instanceof Uint8Array ? { method, name, bytes } : undefined;
  }
  if (typeof id !== "number") return undefined;
  if (method === "invoke") {
    const request = parseFunctionRequest(message.request);
    return request && { id, method, request };
  }
  if (method === "chooseArchive" || method === "restore") return { id, method };
  if (method === "exportBackup") return isFileName(name) ? { id, method, name } : undefined;
  if (method === "saveSample") {
    const { function: functionName, sample } = message;
    return isString(functionName) && isObject(sample)
      ? { id, method, function: functionName, sample }
      : undefined;
  }
  if (method !== "rest" && method !== "bytes") return undefined;
  // Events are a stream: they come by themselves.
  if (typeof name !== "string" || !Object.hasOwn(REST, name) || name === "events") return undefined;
  const request = parseRestRequest(message.request ?? {});
  return request && { id, method, name: name as RestName, request };
}

/** Headers that a page may set: whether a key is still as it was read, or not there yet. */
const CONDITIONS: ReadonlySet<string> = new Set(["if-match", "if-none-match"]);

function parseRestRequest(value: unknown): PanelRestRequest | undefined {
  if (!isObject(value)) return undefined;
  const path = value.path ?? {};
  const query = value.query ?? {};
  const headers = value.headers ?? {};
  const { body } = value;
  if (!isRecordOf(path, isString) || !isRecordOf(headers, isString)) return undefined;
  if (!isRecordOf(query, isStringOrNumber)) return undefined;
  // The token is ours to add, and nothing else is of the page's business.
  if (Object.keys(headers).some((name) => !CONDITIONS.has(name.toLowerCase()))) return undefined;
  if (body !== undefined && !isObject(body)) return undefined;
  return { path, query, headers, ...(body !== undefined && { body }) };
}

function parseFunctionRequest(value: unknown): PanelFunctionRequest | undefined {
  if (!isObject(value)) return undefined;
  const { method, path, headers, body } = value;
  if (!isString(method) || !/^[A-Za-z]+$/.test(method)) return undefined;
  // The platform's own paths are called by `rest`, with the token.
  if (!isString(path) || !path.startsWith("/") || path.startsWith(API_ROOT)) return undefined;
  if (!isRecordOf(headers, isString)) return undefined;
  if (body !== undefined && !(body instanceof Uint8Array)) return undefined;
  return { method, path, headers, ...(body && { body }) };
}

function isRecordOf<T>(
  value: unknown,
  is: (one: unknown) => one is T,
): value is Readonly<Record<string, T>> {
  return isObject(value) && Object.values(value).every(is);
}

/** A name, not a path: the user chooses the folder. */
function isFileName(value: unknown): value is string {
  return isString(value) && !/[\\/]/.test(value);
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isStringOrNumber(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}
