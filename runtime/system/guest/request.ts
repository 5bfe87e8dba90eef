import { MocError } from "../../protocol/errors.ts";
import { REST, type RestName } from "../../protocol/rest.ts";
import { checkBody, checkQuery } from "../../protocol/rest-check.ts";
import type { RestCall } from "../../protocol/rest-vocabulary.ts";
import { core } from "./apis.ts";

/** A request of the REST API, checked against its declaration. */
export interface Request {
  readonly name: RestName;
  readonly call: RestCall;
  readonly headers: { readonly [name: string]: string };
  /** Path parameters, query and body fields together. */
  readonly argument: Record<string, unknown>;
  /** Buffer with the raw body, or -1. */
  readonly body: number;
}

declare class TextDecoder {
  decode(bytes: Uint8Array): string;
}

/**
 * @throws MOC_BAD_REQUEST naming the field
 */
export function readRequest(name: RestName): Request {
  const call: RestCall = REST[name];
  const input = core.getInputBufferId();
  const headers = core.readExchangeBufferHeaders(input);
  const argument: Record<string, unknown> = {
    ...checkQuery(call.query, headers["x-moc-url-query"] ?? ""),
    ...pathParams(call.path, headers),
  };
  if (call.body === "bytes") return { name, call, headers, argument, body: input };
  if (call.body !== "none") Object.assign(argument, checkBody(call.body, readJson(input)));
  return { name, call, headers, argument, body: -1 };
}

function pathParams(path: string, headers: Request["headers"]): Record<string, string> {
  const params: Record<string, string> = {};
  for (const segment of path.split("/")) {
    if (!/^[!*]/.test(segment)) continue;
    const param = segment.slice(1);
    params[param] = headers[`x-moc-path-param-${param}`] ?? "";
  }
  return params;
}

function readJson(input: number): unknown {
  const text = new TextDecoder().decode(core.readExchangeBuffer(input) ?? new Uint8Array());
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MocError("MOC_BAD_REQUEST", `the body is not JSON: ${reason}`);
  }
}
