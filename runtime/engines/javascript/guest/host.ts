import { type ASK, OP } from "./ops.ts";

/** Bytes travel as ArrayBuffers; json answers come parsed. */
export type HostArgument = string | number | boolean | undefined | ArrayBuffer;
type Host = (operation: number, ...args: HostArgument[]) => unknown;

const given = globalThis as unknown as { __host: Host };

/** The only function of the host that a guest has. Not reachable from user code. */
export const host: Host = given.__host;
Reflect.deleteProperty(globalThis, "__host");

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

const pending = new Map<number, Pending>();
let next = 1;

/** Asks the host something that it answers later. */
export function ask<T>(code: (typeof ASK)[keyof typeof ASK], ...args: HostArgument[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const id = next++;
    pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
    host(OP.ASK, id, code, ...args);
  });
}

/** Runs a function when the host's timer is over. */
export function startTimer(id: number, ms: number, run: () => void): void {
  pending.set(id, { resolve: run, reject: run });
  host(OP.TIMER, id, ms);
}

export function stopTimer(id: number): void {
  if (pending.delete(id)) host(OP.TIMER_CLEAR, id);
}

export function nextId(): number {
  return next++;
}

/** Called by the host with an answer. */
export function settle(id: number, failed: boolean, value: unknown): void {
  const one = pending.get(id);
  pending.delete(id);
  if (!one) return;
  if (failed) one.reject(makeError(value as ErrorFacts));
  else one.resolve(value);
}

export interface ErrorFacts {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}

const KINDS: { readonly [name: string]: new (message: string) => Error } = {
  TypeError,
  RangeError,
  SyntaxError,
};

/** The error of a failed host operation: `name` MocError and a `code` for the platform's own. */
export function makeError(facts: ErrorFacts): Error {
  const Kind = KINDS[facts.name] ?? Error;
  const error = new Kind(facts.message);
  if (facts.code !== undefined) {
    Object.defineProperty(error, "name", { value: "MocError", configurable: true });
    Object.defineProperty(error, "code", { value: facts.code, enumerable: true });
  }
  return error;
}

/** An error as the host wants to know it. */
export function describeError(error: unknown): string {
  let name = "Error";
  let message = "";
  let stack = "";
  let code: string | undefined;
  try {
    if (error instanceof Error || (typeof error === "object" && error !== null)) {
      const one = error as Partial<ErrorFacts & { stack: string }>;
      name = String(one.name ?? "Error");
      message = one.message === undefined ? JSON.stringify(error) : String(one.message);
      stack = typeof one.stack === "string" ? one.stack : "";
      code = one.name === "MocError" ? String(one.code) : undefined;
    } else {
      name = "";
      message = String(error);
    }
  } catch {
    message = "an error that cannot be described";
  }
  return JSON.stringify({ name, message, stack, code });
}

/** Bytes for the host: text as it is, views and buffers as an ArrayBuffer of just their bytes. */
export function toHostBytes(value: unknown): string | ArrayBuffer {
  if (typeof value === "string") return value;
  if (value instanceof ArrayBuffer) return value;
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = value;
    if (byteLength === buffer.byteLength) return buffer as ArrayBuffer;
    return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  }
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return Uint8Array.from(value).buffer as ArrayBuffer;
  return String(value);
}

/** Bytes from the host. */
export function fromHostBytes(value: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(value as ArrayBuffer);
}
