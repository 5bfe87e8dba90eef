import type { CallContext } from "../../guest-api/call-context.ts";
import type { ExchangeBuffer } from "../../guest-api/exchange-buffer.ts";
import type { GpuInput } from "../../guest-api/gpu/ask.ts";
import { decodePng, isPng, type Picture, PNG_HEADER_BYTES } from "../../guest-api/gpu/picture.ts";
import { MocError } from "../../protocol/errors.ts";
import { isObject } from "../../protocol/is-object.ts";

const PATH_PARAM = "x-moc-path-param-";
const MiB = 2 ** 20;
const EMPTY: Uint8Array = new Uint8Array();

/** What a caller gave: named values, and a body that is bytes, a picture or a list. */
export interface ShaderRequest {
  /** From the query, the path and a JSON object, in this order. */
  value(name: string): unknown;
  /** Field of a JSON body that is an object. */
  field(name: string): unknown;
  /** The body as bytes, when it is neither JSON nor a picture; a long one stays with the host. */
  readonly bytes: GpuInput | undefined;
  /** The body when it is JSON, but no object. */
  readonly json: unknown;
  readonly picture: Picture | undefined;
  readonly accept: string;
}

/** @throws MOC_BAD_REQUEST, MOC_TOO_LARGE */
export async function readRequest(context: CallContext): Promise<ShaderRequest> {
  const input = context.buffers.get(context.input);
  const { headers } = input;
  const body = await readBody(input);
  const query = new URLSearchParams(headers.get("x-moc-url-query") ?? "");
  const type = headers.get("content-type") ?? "";
  const whole = body instanceof Uint8Array ? body : undefined;
  const picture =
    whole && isPng(whole) ? decodePng(whole, context.limits.memoryMiB * MiB) : undefined;
  const json = whole && isJson(type) && whole.length > 0 ? parse(whole) : undefined;
  const object = isObject(json) ? json : undefined;
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

/** Whole where somebody here looks at it; else only as much as tells that it is no picture. */
async function readBody(input: ExchangeBuffer): Promise<GpuInput> {
  const { "content-length": length = "", "content-type": type = "" } = Object.fromEntries(
    input.headers,
  );
  const { stream } = input.messages ? {} : input.toRef();
  if (stream === undefined || !/^\d{1,15}$/.test(length) || isJson(type)) {
    return (await input.read()) ?? EMPTY;
  }
  let head = EMPTY;
  while (head.length < PNG_HEADER_BYTES) {
    const part = await input.readPart(Number.MAX_SAFE_INTEGER);
    if (!part) return head;
    head = head.length === 0 ? part : joined(head, part);
  }
  if (isPng(head)) return joined(head, (await input.read()) ?? EMPTY);
  return { length: Number(length), parts: [head, stream] };
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
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
