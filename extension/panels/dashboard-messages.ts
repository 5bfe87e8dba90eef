/** Messages between the dashboard's page and the extension; requests are checked on arrival. */
import type { ErrorJson } from "../../runtime/protocol/errors.ts";
import type { PlatformEvent } from "../../runtime/protocol/model.ts";
import { REST, type RestName } from "../../runtime/protocol/rest.ts";

/** A REST call that the page asks for. */
export interface RestMessage {
  readonly id: number;
  readonly method: "rest";
  readonly name: RestName;
  readonly request: {
    readonly path?: Readonly<Record<string, string>>;
    readonly query?: Readonly<Record<string, string | number>>;
    readonly body?: object;
    readonly headers?: Readonly<Record<string, string>>;
  };
}

export type FromDashboard =
  | RestMessage
  /** The page is there and wants events. */
  | { readonly method: "ready" }
  /** A command of ours, from a fixed list. */
  | { readonly method: "command"; readonly command: DashboardCommand };

export type ToDashboard =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorJson }
  | { readonly kind: "event"; readonly event: PlatformEvent }
  | { readonly kind: "connection"; readonly connected: boolean };

/** What the page may run in the editor. */
export const DASHBOARD_COMMANDS = [
  "createFunction",
  "deployAll",
  "invoke",
  "openKey",
  "startRuntime",
  "restartRuntime",
  "showRuntimeLog",
] as const;
export type DashboardCommand = (typeof DASHBOARD_COMMANDS)[number];

/** The message of the page, or undefined when it is none of ours. */
export function parseFromDashboard(message: unknown): FromDashboard | undefined {
  if (!isObject(message)) return undefined;
  if (message.method === "ready") return { method: "ready" };
  if (message.method === "command") {
    const command = DASHBOARD_COMMANDS.find((one) => one === message.command);
    return command && { method: "command", command };
  }
  if (message.method !== "rest" || typeof message.id !== "number") return undefined;
  const { id, name } = message;
  const request = message.request ?? {};
  if (typeof name !== "string" || !Object.hasOwn(REST, name) || !isObject(request))
    return undefined;
  // Events are a stream: they come by themselves.
  if (name === "events") return undefined;
  const path = request.path ?? {};
  const query = request.query ?? {};
  const headers = request.headers ?? {};
  const { body } = request;
  if (!isRecord(path, ["string"]) || !isRecord(query, ["string", "number"])) return undefined;
  if (!isRecord(headers, ["string"])) return undefined;
  if (Object.keys(headers).some((header) => header.toLowerCase() !== "if-match")) return undefined;
  if (body !== undefined && !isObject(body) && !(body instanceof Uint8Array)) return undefined;
  return {
    id,
    method: "rest",
    // It is an own key of REST.
    name: name as RestName,
    request: {
      path: path as Readonly<Record<string, string>>,
      query: query as Readonly<Record<string, string | number>>,
      headers: headers as Readonly<Record<string, string>>,
      ...(body !== undefined && { body }),
    },
  };
}

function isRecord(
  value: unknown,
  types: readonly string[],
): value is Readonly<Record<string, unknown>> {
  return isObject(value) && Object.values(value).every((one) => types.includes(typeof one));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
