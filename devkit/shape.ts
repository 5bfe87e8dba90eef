/**
 * A small vocabulary in which the files of the devkit are declared once, as data: the TypeScript
 * type, the strict reader (read-shape.ts) and the JSON schema (schema.ts) all come from it.
 */
interface Common<T> {
  /** Shown in completions and in the reference. */
  readonly doc: string;
  /** Only for types. */
  readonly type?: T;
}

interface StringShape {
  readonly kind: "string";
  readonly values?: readonly string[];
  /** Says what is wrong with a value, or undefined. */
  readonly check?: (value: string) => string | undefined;
}
export interface NumberShape {
  readonly kind: "integer" | "number";
  readonly min: number;
  readonly max: number;
}
interface ListShape {
  readonly kind: "list" | "record";
  readonly of: Shape;
}
interface ObjectShape {
  readonly kind: "object";
  readonly fields: FieldShapes;
}
interface PlainShape {
  readonly kind: "json";
}

type AnyShape = StringShape | NumberShape | ListShape | ObjectShape | PlainShape;

/** Describes JSON values of type T. */
export type Shape<T = unknown> = AnyShape & Common<T>;
export type OptionalShape<T = unknown> = Shape<T> & { readonly optional: true };
export type FieldShapes = { readonly [name: string]: Shape & { readonly optional?: true } };

/** The TypeScript type that a shape describes. */
export type ValueOf<S> = S extends Common<infer T> ? T : never;

type OptionalKeys<F> = {
  [K in keyof F]: F[K] extends { readonly optional: true } ? K : never;
}[keyof F];

/** The TypeScript type of an object with these fields. */
type ObjectOf<F> = {
  readonly [K in Exclude<keyof F, OptionalKeys<F>>]: ValueOf<F[K]>;
} & { readonly [K in OptionalKeys<F>]?: ValueOf<F[K]> };

export function string(doc: string, check?: StringShape["check"]): Shape<string> {
  return { kind: "string", doc, ...(check && { check }) };
}

export function oneOf<const V extends string>(values: readonly V[], doc: string): Shape<V> {
  return { kind: "string", doc, values };
}

export function integer(min: number, max: number, doc: string): Shape<number> {
  return { kind: "integer", min, max, doc };
}

export function number(min: number, max: number, doc: string): Shape<number> {
  return { kind: "number", min, max, doc };
}

/** Any JSON value, not looked into. */
export function json(doc: string): Shape<unknown> {
  return { kind: "json", doc };
}

export function list<T>(of: Shape<T>, doc: string): Shape<readonly T[]> {
  return { kind: "list", of, doc };
}

/** An object whose keys are free. */
export function record<T>(of: Shape<T>, doc: string): Shape<Readonly<Record<string, T>>> {
  return { kind: "record", of, doc };
}

export function object<const F extends FieldShapes>(fields: F, doc: string): Shape<ObjectOf<F>> {
  return { kind: "object", fields, doc };
}

export function optional<T>(shape: Shape<T>): OptionalShape<T> {
  return { ...shape, optional: true };
}
