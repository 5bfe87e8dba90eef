import type { CallContext } from "../../guest-api/call-context.ts";
import {
  type BoundModule,
  camelCase,
  type GuestFunction,
  type Handler,
  type ParamType,
  type ParamValue,
  type ResultType,
  type ResultValue,
} from "../../guest-api/define.ts";
import { MocError } from "../../protocol/errors.ts";
import type { CallArguments } from "./call-arguments.ts";
import { type DescribedFunction, directCallsScript } from "./direct-calls.ts";
import { type HostValue, Json } from "./host-value.ts";

const PARAM_LETTERS: { readonly [type in ParamType]: string } = {
  int: "i",
  buffer_id: "i",
  string: "s",
  bytes: "b",
  dest: "d",
  ints: "n",
  strings: "l",
  map: "m",
};
const RESULT_LETTERS: { readonly [type in ResultType]: string } = {
  int: "i",
  buffer_id: "i",
  bytes: "b",
  buffer: "b",
  string: "s",
  map: "m",
};

interface Entry {
  readonly declared: GuestFunction;
  readonly types: readonly ParamType[];
  /** Place of the parameter that the guest function fills, -1 if there is none. */
  readonly dest: number;
  readonly handler: Handler;
  /** Module `platform` is not the original's: whoever uses it wants to know what is missing. */
  readonly lenient: boolean;
}

const text = new TextDecoder();

/** All guest API functions in one list: guests name them by their place in it. */
export class GuestApiTable {
  /** JSON for the prelude: see `ApiModule` in guest/guest-api.ts. */
  readonly description: string;
  /** Evaluated before the prelude hears of the functions: see direct-calls.ts. */
  readonly script: string;
  readonly #entries: Entry[] = [];

  constructor(modules: readonly BoundModule[]) {
    const all: DescribedFunction[] = [];
    const described = modules.map(({ module, handlers }) => ({
      names: [module.name, ...module.aliases],
      functions: Object.entries(module.functions).flatMap(([name, declared]) => {
        const handler = handlers[name];
        if (!handler) return [];
        const lenient = module.name !== "platform";
        const types = declared.params.map(({ type }) => type);
        const dest = types.indexOf("dest");
        const index = this.#entries.push({ declared, types, dest, handler, lenient }) - 1;
        const params = types.map((type) => PARAM_LETTERS[type]).join("");
        const { always } = declared;
        const result = RESULT_LETTERS[declared.result];
        const one = { name: camelCase(name), index, params, result, always };
        all.push(one);
        return [one];
      }),
    }));
    this.description = JSON.stringify(described);
    this.script = directCallsScript(all);
  }

  /** Runs a function; its arguments begin at `first`. */
  invoke(
    context: CallContext,
    index: number,
    args: CallArguments,
    first: number,
  ): HostValue | Promise<HostValue> {
    const entry = this.#entries[index];
    if (!entry) throw new TypeError(`there is no guest API function ${index}`);
    const values: ParamValue[] = [];
    for (const type of entry.types) values.push(readParam(type, args, first + values.length));
    const result = entry.handler(context, ...values);
    if (!(result instanceof Promise)) return toHostValue(entry, values, result);
    return result.then((value) => toHostValue(entry, values, value));
  }

  /**
   * The same in the original's manner, which its scripts rely on: what is not there answers nothing
   * instead of failing. Everything else is an exception in the guest.
   */
  invokeLeniently(
    context: CallContext,
    index: number,
    args: CallArguments,
    first: number,
  ): HostValue | Promise<HostValue> {
    const entry = this.#entries[index];
    try {
      const result = this.invoke(context, index, args, first);
      return result instanceof Promise ? result.catch((error) => forgive(error, entry)) : result;
    } catch (error) {
      return forgive(error, entry);
    }
  }
}

function forgive(error: unknown, entry: Entry | undefined): HostValue {
  if (entry?.lenient) return nothing(error, entry.declared);
  throw error;
}

function nothing(error: unknown, declared: GuestFunction): HostValue {
  if (error instanceof MocError) {
    const { result } = declared;
    const lookUp = result !== "int" && result !== "buffer_id";
    if (error.code === "MOC_BUFFER_UNKNOWN") {
      if (result === "map") return new Json("{}");
      return lookUp ? undefined : 0;
    }
    const absent = error.code === "MOC_NOT_FOUND" || error.code === "MOC_UNAUTHORIZED";
    if (absent && lookUp) return undefined;
  }
  throw error;
}

function readParam(type: ParamType, args: CallArguments, index: number): ParamValue {
  switch (type) {
    case "int":
    case "buffer_id":
      return args.integer(index);
    case "string":
      return args.text(index);
    case "bytes":
      return args.bytes(index);
    case "dest":
      return new Uint8Array(Math.max(0, args.integer(index)));
    case "ints":
      return list(args.text(index)).map((one) => Number(one) | 0);
    case "strings":
      return list(args.text(index)).map(String);
    case "map":
      return new Map(list(args.text(index)).map((one) => entryOf(one as [string, string])));
    default:
      return type satisfies never;
  }
}

function list(json: string): unknown[] {
  const parsed: unknown = JSON.parse(json || "[]");
  return Array.isArray(parsed) ? parsed : [];
}

/** Values are marked `s`: text, or `b`: bytes as characters. */
function entryOf([name, value]: [string, string]): [string, Uint8Array] {
  const encoding = value.startsWith("b") ? "latin1" : "utf8";
  return [name, new Uint8Array(Buffer.from(value.slice(1), encoding))];
}

function toHostValue(
  { dest }: Entry,
  values: readonly ParamValue[],
  result: ResultValue,
): HostValue {
  if (dest >= 0) return filled(Number(result), values[dest] as Uint8Array);
  if (result instanceof Map) return new Json(JSON.stringify(plain(result)));
  return result as HostValue;
}

/** The result and the bytes of a `dest`, together. */
function filled(result: number, bytes: Uint8Array): Uint8Array {
  const both = new Uint8Array(4 + bytes.length);
  new DataView(both.buffer).setInt32(0, result, true);
  both.set(bytes, 4);
  return both;
}

function plain(map: ReadonlyMap<string, string | Uint8Array>): Record<string, string> {
  return Object.fromEntries(
    [...map].map(([name, value]) => [name, typeof value === "string" ? value : text.decode(value)]),
  );
}
