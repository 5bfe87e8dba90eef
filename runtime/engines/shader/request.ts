import type { CallContext } from "../../guest-api/call-context.ts";
import { decodePng, isPng, type Picture } from "../../guest-api/gpu/picture.ts";
import { MocError } from "../../protocol/errors.ts";

const PATH_PARAM = "x-moc-path-param-";
const MiB = 2 ** 20;

/** What a caller gave: named values, and a body that is bytes, a picture or a list. */
export interface ShaderRequest {
  /** From the query, the path and a JSON object, in this order. */
  value(name: string): unknown;
  /** Field of a JSON body that is an object. */
  field(name: string): unknown;
  /** The body as bytes, when it is neither JSON nor a picture. */
  readonly bytes: Uint8Array | undefined;
  /** The body when it is JSON, but no object. */
  readonly json: unknown;
  readonly picture: Picture | undefined;
  readonly accept: string;
}

/** @throws MOC_BAD_REQUEST, MOC_TOO_LARGE */
export async function readRequest(context: CallContext): Promise<ShaderRequest> {
  const input = context.buffers.get(context.input);
  const body = (await input.read()) ?? new Uint8Array();
  const { headers } = input;
  const query = new URLSearchParams(headers.get("x-moc-url-query") ?? "");
  const type = headers.get("content-type") ?? "";
  const picture = isPng(body) ? decodePng(body, context.limits.memoryMiB * MiB) : undefined;
  const json = isJson(type) && body.length > 0 ? parse(body) : undefined;
  const object =
    typeof json === "object" && json !== null && !Array.isArray(json)
      ? (json as Readonly<Record<string, unknown>>)
      : undefined;
  const field = (name: string) =>
    object && Object.hasOwn(object, name) ? object[name] : undefined;
  return {
    field,
    value: (name) =>
      listOrText(query.get(name) ?? headers.get(PATH_PARAM + name.toLowerCase())) ?? field(name),
    bytes: json === undefined && !picture ? body : undefined,
    json: object ? undefined : json,
    picture,
    accept: headers.get("accept") ?? "",
  };
}

function isJson(contentType: string): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(contentType);
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (error) {
    throw new MocError("MOC_BAD_REQUEST", `the body is not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** `1,2,3` stands for a list. */
function listOrText(text: string | null | undefined): string | readonly string[] | undefined {
  if (text === null || text === undefined) return undefined;
  return text.includes(",") ? text.split(",") : text;
}
