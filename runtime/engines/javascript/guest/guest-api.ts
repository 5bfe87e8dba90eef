import { ask, fromHostBytes, type HostArgument, host, toHostBytes } from "./host.ts";
import { ASK, OP } from "./ops.ts";

/** A declared function as the host describes it. */
interface ApiFunction {
  readonly name: string;
  readonly index: number;
  /** One letter a parameter: i int, s string, b bytes, d dest, n ints, l strings, m map. */
  readonly params: string;
  /** i int, b bytes, s string, m map. */
  readonly result: string;
}

interface ApiModule {
  readonly names: readonly string[];
  readonly functions: readonly ApiFunction[];
}

type Api = Record<string, (...args: unknown[]) => unknown>;

const modules = new Map<string, ApiModule>();
const blocking = new Map<ApiModule, Api>();
const asynchronous = new Map<ApiModule, Api>();

/** Tells the prelude what modules there are; called once, when the image is made. */
export function defineModules(all: readonly ApiModule[]): void {
  for (const one of all) for (const name of one.names) modules.set(name, one);
}

/** `requireApi('core')`: the original's functions, which wait while the host works. */
export function requireApi(name: unknown): Api | undefined {
  const module = modules.get(String(name));
  if (!module) {
    // As in the original, which says so and answers nothing.
    host(OP.LOG, 2, `requireApi: there is no guest API module '${name}'`);
    return undefined;
  }
  return cached(blocking, module, (one) => (...args) => {
    const values = encode(one, args);
    return decode(one, args, host(OP.API, one.index, ...values));
  });
}

/** `env.api('core')`: the same functions, answering promises. */
export function asyncApi(name: unknown): Api {
  const module = modules.get(String(name));
  if (!module) throw new TypeError(`there is no guest API module '${name}'`);
  return cached(asynchronous, module, (one) => async (...args) => {
    const values = encode(one, args);
    return decode(one, args, await ask(ASK.API, one.index, ...values));
  });
}

function cached(
  cache: Map<ApiModule, Api>,
  module: ApiModule,
  make: (one: ApiFunction) => (...args: unknown[]) => unknown,
): Api {
  let api = cache.get(module);
  if (!api) {
    api = {};
    for (const one of module.functions) api[one.name] = make(one);
    cache.set(module, api);
  }
  return api;
}

function encode(one: ApiFunction, args: readonly unknown[]): HostArgument[] {
  const values: HostArgument[] = [];
  for (let i = 0; i < one.params.length; i++) values.push(encodeOne(one.params[i], args[i]));
  return values;
}

function encodeOne(type: string | undefined, value: unknown): HostArgument {
  switch (type) {
    case "i":
      return Number(value) | 0;
    case "s":
      return value === undefined || value === null ? "" : String(value);
    case "b":
      return toHostBytes(value);
    case "d":
      return ArrayBuffer.isView(value) ? value.byteLength : 0;
    case "m":
      return JSON.stringify(Object.entries(value ?? {}).map(encodeEntry));
    default:
      return JSON.stringify(value ?? []);
  }
}

/** Bytes as text of one character a byte, marked `b`; text marked `s`. */
function encodeEntry([name, value]: [string, unknown]): [string, string] {
  const bytes = typeof value === "string" ? value : toHostBytes(value);
  if (typeof bytes === "string") return [name, `s${bytes}`];
  let text = "b";
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return [name, text];
}

function decode(one: ApiFunction, args: readonly unknown[], value: unknown): unknown {
  const dest = one.params.indexOf("d");
  if (dest >= 0) return fill(args[dest], value);
  return one.result === "b" && value !== undefined ? fromHostBytes(value) : value;
}

/** A `dest` comes back as one ArrayBuffer: the result, then the bytes. */
function fill(dest: unknown, value: unknown): number {
  if (!(value instanceof ArrayBuffer)) return 0;
  const result = new DataView(value).getInt32(0, true);
  if (ArrayBuffer.isView(dest)) {
    new Uint8Array(dest.buffer, dest.byteOffset, dest.byteLength).set(new Uint8Array(value, 4));
  }
  return result;
}
