import { MocError } from "../../protocol/errors.ts";
import { PLATFORM_LIMITS } from "../../protocol/limits.ts";
import type { HostStream } from "../host-stream.ts";
import { asRecord } from "../settings.ts";

/** Bytes that come with an operation: whole, or as they arrive. */
export type OperationBody = Uint8Array | HostStream | undefined;

/** What an operation answers: JSON, or bytes as they come; an answer with bytes may have both. */
export interface OperationAnswer {
  readonly json?: unknown;
  /** For operations that answer with bytes. */
  readonly stream?: HostStream;
}

/** Throws MocErrors; a bad argument is MOC_BAD_REQUEST naming the field. */
type Operation = (
  argument: Arguments,
  body: OperationBody,
) => OperationAnswer | Promise<OperationAnswer>;

/** Operations by the name that REST calls have. */
export type Operations = { readonly [name: string]: Operation };

/** The argument of an operation, read field by field. */
export class Arguments {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #where: string;

  /** @param where prefix of the fields in messages, such as `plugs[2].` */
  constructor(values: unknown, where = "") {
    this.#values = asRecord(values ?? {}, where === "" ? "argument" : where.slice(0, -1));
    this.#where = where;
  }

  /** How messages call a field. */
  title(name: string): string {
    return this.#where + name;
  }

  raw(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
  }

  optionalString(name: string): string | undefined {
    const value = this.raw(name);
    if (value !== undefined && typeof value !== "string") this.#fail(name, "must be a string");
    return value as string | undefined;
  }

  string(name: string): string {
    return this.optionalString(name) ?? this.#fail(name, "is missing");
  }

  /** Neither missing nor empty. */
  text(name: string): string {
    const value = this.string(name);
    return value === "" ? this.#fail(name, "is empty") : value;
  }

  optionalInteger(name: string, least: number, most = Number.MAX_SAFE_INTEGER): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most) {
      this.#fail(name, `must be a whole number from ${least} to ${most}`);
    }
    return value as number;
  }

  integer(name: string, least: number): number {
    return this.optionalInteger(name, least) ?? this.#fail(name, "is missing");
  }

  flag(name: string): boolean {
    const value = this.raw(name);
    if (value === undefined || value === "0" || value === "" || value === false) return false;
    if (value === "1" || value === true) return true;
    return this.#fail(name, "must be 1, or left out");
  }

  /** A list of objects; absent: none. */
  objects(name: string): Arguments[] {
    return this.list(name).map(
      (one, index) => new Arguments(one, `${this.title(name)}[${index}].`),
    );
  }

  strings(name: string): string[] | undefined {
    return this.#listOf(name, (one) => typeof one === "string", "strings");
  }

  integers(name: string): number[] | undefined {
    return this.#listOf(name, (one) => Number.isSafeInteger(one), "whole numbers");
  }

  list(name: string): readonly unknown[] {
    const value = this.raw(name);
    if (value === undefined) return [];
    return Array.isArray(value) ? value : this.#fail(name, "must be a list");
  }

  #listOf<T>(name: string, isOne: (value: unknown) => boolean, of: string): T[] | undefined {
    if (this.raw(name) === undefined) return undefined;
    const list = this.list(name);
    if (!list.every(isOne)) this.#fail(name, `must be a list of ${of}`);
    return list as T[];
  }

  #fail(name: string, problem: string): never {
    throw new MocError("MOC_BAD_REQUEST", `field ${this.title(name)} ${problem}`);
  }
}

/** Entries of one page. */
export function pageLimit(argument: Arguments, byDefault: number): number {
  return argument.optionalInteger("limit", 1, PLATFORM_LIMITS.listPage.value) ?? byDefault;
}

const READ_BYTES = 256 * 1024;

/**
 * The whole body.
 * @throws MOC_TOO_LARGE
 */
export async function bodyBytes(body: OperationBody, maxBytes: number): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array();
  if (body instanceof Uint8Array) {
    if (body.length > maxBytes) throw tooLarge(maxBytes);
    return body;
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (let part = await body.read(READ_BYTES); part; part = await body.read(READ_BYTES)) {
      length += part.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      parts.push(part);
    }
  } finally {
    body.close();
  }
  return Buffer.concat(parts, length);
}

function tooLarge(maxBytes: number): MocError {
  return new MocError("MOC_TOO_LARGE", `the body is larger than the ${maxBytes} bytes allowed`);
}

/** Bytes in memory, or as they are made, as a stream that can only be read. */
export function readableStream(source: Uint8Array | AsyncIterable<Uint8Array>): HostStream {
  const parts = source instanceof Uint8Array ? [source] : source;
  const iterator = iterate(parts);
  let rest: Uint8Array = new Uint8Array();
  let ended = false;
  return {
    messages: false,
    read: async (maxBytes) => {
      while (rest.length === 0 && !ended) {
        const next = await iterator.next();
        if (next.done) ended = true;
        else rest = next.value;
      }
      if (rest.length === 0) return undefined;
      const part = rest.subarray(0, maxBytes);
      rest = rest.subarray(part.length);
      return part;
    },
    write: () => Promise.reject(new MocError("MOC_BAD_REQUEST", "this stream can only be read")),
    close: () => {
      if (ended) return;
      ended = true;
      rest = new Uint8Array();
      // Lets the source give back what it holds; what it fails with then has no reader.
      iterator.return(undefined).catch(() => undefined);
    },
  };
}

async function* iterate(
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* parts;
}
