import type { DescribedFunction } from "../direct-calls.ts";
import { ask, fromHostBytes, type HostArgument, host, toHostBytes } from "./host.ts";
import { ASK, OP } from "./ops.ts";

interface ApiModule {
  readonly names: readonly string[];
  readonly functions: readonly DescribedFunction[];
}

type Api = Record<string, (...args: unknown[]) => unknown>;

const blocking = new Map<string, Api>();
const asynchronous = new Map<string, Api>();

type Maker = (
  call: typeof host,
  encoders: typeof ENCODERS,
  decodeAnswer: typeof decode,
  one: DescribedFunction,
) => Api[string];

/** Tells the prelude what modules there are; called once, when the image is made. */
export function defineModules(all: readonly ApiModule[]): void {
  const given = globalThis as unknown as { __direct: readonly Maker[] };
  const makers = given.__direct;
  Reflect.deleteProperty(globalThis, "__direct");
  for (const module of all) {
    const waits: Api = {};
    const promises: Api = {};
    for (const one of module.functions) {
      const make = makers[one.index];
      if (make) waits[one.name] = make(host, ENCODERS, decode, one);
      promises[one.name] = async (...args) =>
        decode(one, args, await ask(ASK.API, one.index, ...encode(one, args)));
    }
    for (const name of module.names) {
      blocking.set(name, waits);
      asynchronous.set(name, promises);
    }
  }
}

/** `requireApi('core')`: the original's functions, which wait while the host works. */
export function requireApi(name: unknown): Api | undefined {
  const api = blocking.get(String(name));
  // As in the original, which says so and answers nothing.
  if (!api) host(OP.LOG, 2, `requireApi: there is no guest API module '${name}'`);
  return api;
}

/** `env.api('core')`: the same functions, answering promises. */
export function asyncApi(name: unknown): Api {
  const api = asynchronous.get(String(name));
  if (!api) throw new TypeError(`there is no guest API module '${name}'`);
  return api;
}

/** How an argument travels, by the letter of its type. */
const ENCODERS: Readonly<Record<string, (value: unknown) => HostArgument>> = {
  i: (value) => (typeof value === "number" ? value | 0 : Number(value) | 0),
  s: (value) => (value === undefined || value === null ? "" : String(value)),
  b: toHostBytes,
  d: (value) => (ArrayBuffer.isView(value) ? value.byteLength : 0),
  m: (value) => JSON.stringify(Object.entries(value ?? {}).map(encodeEntry)),
  n: encodeList,
  l: encodeList,
};

function encodeList(value: unknown): string {
  return JSON.stringify(value ?? []);
}

function encode({ params }: DescribedFunction, args: readonly unknown[]): HostArgument[] {
  return [...params].map((letter, i) => ENCODERS[letter]?.(args[i]));
}

/** Bytes as text of one character a byte, marked `b`; text marked `s`. */
function encodeEntry([name, value]: [string, unknown]): [string, string] {
  const bytes = typeof value === "string" ? value : toHostBytes(value);
  if (typeof bytes === "string") return [name, `s${bytes}`];
  let text = "b";
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return [name, text];
}

function decode(one: DescribedFunction, args: readonly unknown[], value: unknown): unknown {
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
