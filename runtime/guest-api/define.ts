/**
 * The vocabulary in which a guest API module is declared, once, as data. Engines marshal from it,
 * the binding generators print from it, and `HandlersOf` makes a missing or mistyped
 * implementation a compile error.
 */
import type { CallContext } from "./call-context.ts";

/**
 * | type        | wasm arguments                | JavaScript              |
 * |-------------|-------------------------------|-------------------------|
 * | `int`       | i32                           | number                  |
 * | `buffer_id` | i32, id of an exchange buffer | number                  |
 * | `string`    | pointer, length (UTF-8)       | string                  |
 * | `bytes`     | pointer, length               | Uint8Array or string    |
 * | `dest`      | pointer, length to be filled  | Uint8Array to be filled |
 * | `ints`      | pointer, count of i32 (LE)    | number[]                |
 * | `strings`   | pointer, length: u32 count, then u32 length + bytes each (LE) | string[] |
 * | `map`       | pointer, length: u32 count (two a pair), then u32 length + bytes each (LE) | object |
 */
export type ParamType =
  | "int"
  | "buffer_id"
  | "string"
  | "bytes"
  | "dest"
  | "ints"
  | "strings"
  | "map";

/**
 * | type        | wasm                                                                       | JavaScript  |
 * |-------------|----------------------------------------------------------------------------|-------------|
 * | `int`       | i32                                                                        | number      |
 * | `buffer_id` | i32                                                                        | number      |
 * | `bytes`     | two more arguments (pointer, length); answers the size, copies if it fits  | Uint8Array  |
 * | `buffer`    | i32, id of a new exchange buffer to read and free                          | Uint8Array  |
 * | `string`    | the same                                                                   | string      |
 * | `map`       | the same, encoded as above                                                 | object      |
 */
export type ResultType = "int" | "buffer_id" | "bytes" | "buffer" | "string" | "map";

/** A parameter of a guest function, from which engines marshal and bindings are printed. */
export interface Param<T extends ParamType = ParamType> {
  readonly name: string;
  readonly type: T;
  readonly doc?: string;
}

/** The declaration of one function that guests import. */
export interface GuestFunction {
  /** snake_case, as wasm guests import it; JavaScript guests see it in camelCase. */
  readonly params: readonly Param[];
  readonly result: ResultType;
  /** The call may have to wait for the host: the guest is suspended meanwhile. */
  readonly waits: boolean;
  /** Of a `bytes` result: the function (same parameters) that answers its size without consuming it. */
  readonly size?: string;
  /** What it answers in every call: an engine need not ask. */
  readonly always?: number;
  readonly doc: string;
  /** What the answer means, with its unit. */
  readonly returns: string;
}

/** The declaration of a module of the guest API. */
export interface GuestModule {
  readonly name: string;
  /** Other names under which guests may import it. */
  readonly aliases: readonly string[];
  readonly doc: string;
  readonly functions: { readonly [name: string]: GuestFunction };
}

interface ParamValues {
  int: number;
  buffer_id: number;
  string: string;
  bytes: Uint8Array;
  dest: Uint8Array;
  ints: readonly number[];
  strings: readonly string[];
  map: ReadonlyMap<string, Uint8Array>;
}

interface ResultValues {
  int: number;
  buffer_id: number;
  /** undefined: there is nothing (JavaScript sees undefined, wasm an empty answer). */
  bytes: Uint8Array | undefined;
  buffer: Uint8Array | undefined;
  string: string;
  map: ReadonlyMap<string, string | Uint8Array>;
}

/** What handlers get, whatever engine the guest runs in. */
export type ParamValue = ParamValues[ParamType];
/** What handlers answer. */
export type ResultValue = ResultValues[ResultType];

type ArgumentsOf<P extends readonly Param[]> = {
  -readonly [I in keyof P]: P[I] extends Param<infer T> ? ParamValues[T] : never;
};

type HandlerOf<F extends GuestFunction> = (
  context: CallContext,
  ...args: ArgumentsOf<F["params"]>
) => F["waits"] extends true
  ? ResultValues[F["result"]] | Promise<ResultValues[F["result"]]>
  : ResultValues[F["result"]];

/** The implementation of a module: one function per declaration, checked by the compiler. */
export type HandlersOf<M extends GuestModule> = {
  readonly [name in keyof M["functions"]]: HandlerOf<M["functions"][name]>;
};

/** A handler as engines see it, after marshalling. Throws MocErrors. */
export type Handler = (
  context: CallContext,
  ...args: ParamValue[]
) => ResultValue | Promise<ResultValue>;

/** Declaration and implementation of a module together. */
export interface BoundModule {
  readonly module: GuestModule;
  readonly handlers: { readonly [name: string]: Handler };
}

/** Joins a declaration with its handlers; the only place where their types are let go. */
export function bind<M extends GuestModule>(module: M, handlers: HandlersOf<M>): BoundModule {
  return { module, handlers: handlers as unknown as BoundModule["handlers"] };
}

/** `get_input_buffer_id` as a JavaScript guest sees it: `getInputBufferId`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
