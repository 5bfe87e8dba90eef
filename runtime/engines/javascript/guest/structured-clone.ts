import { DOMException } from "./events.ts";

const ERRORS: readonly (new (message: string) => Error)[] = [
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
];

/** @see https://html.spec.whatwg.org/#structured-cloning */
export function structuredClone(value: unknown): unknown {
  return clone(value, new Map());
}

function clone(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value === "symbol" || typeof value === "function") throw notCloneable(value);
  if (typeof value !== "object" || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  const keep = <T>(copy: T): T => {
    seen.set(value, copy);
    return copy;
  };
  if (value instanceof Date) return keep(new Date(value.getTime()));
  if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
  if (value instanceof ArrayBuffer) return keep(value.slice(0));
  if (ArrayBuffer.isView(value)) return keep(cloneView(value, seen));
  if (value instanceof Map) {
    const copy = keep(new Map());
    for (const [key, one] of value) copy.set(clone(key, seen), clone(one, seen));
    return copy;
  }
  if (value instanceof Set) {
    const copy = keep(new Set());
    for (const one of value) copy.add(clone(one, seen));
    return copy;
  }
  if (value instanceof Error) return keep(cloneError(value, seen));
  for (const Boxed of [Boolean, Number, String, BigInt]) {
    if (value instanceof Boxed) return keep(Object(value.valueOf()));
  }
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) {
    throw notCloneable(value);
  }
  const copy = keep(Array.isArray(value) ? new Array(value.length) : {}) as Record<string, unknown>;
  for (const [key, one] of Object.entries(value)) copy[key] = clone(one, seen);
  return copy;
}

function cloneView(view: ArrayBufferView, seen: Map<object, unknown>): unknown {
  const buffer = clone(view.buffer, seen) as ArrayBuffer;
  const Kind = view.constructor as new (
    buffer: ArrayBuffer,
    offset: number,
    length: number,
  ) => unknown;
  const length = "length" in view ? (view.length as number) : view.byteLength;
  return new Kind(buffer, view.byteOffset, length);
}

function cloneError(error: Error, seen: Map<object, unknown>): Error {
  const Kind = ERRORS.find((one) => error instanceof one) ?? Error;
  const copy = new Kind(error.message);
  for (const name of ["stack", "cause"] as const) {
    if (!Object.hasOwn(error, name)) continue;
    const value = clone(error[name], seen);
    Object.defineProperty(copy, name, { value, configurable: true, writable: true });
  }
  return copy;
}

function notCloneable(value: unknown): DOMException {
  const text = typeof value === "symbol" ? "a symbol" : Object.prototype.toString.call(value);
  return new DOMException(`${text} could not be cloned`, "DataCloneError");
}
