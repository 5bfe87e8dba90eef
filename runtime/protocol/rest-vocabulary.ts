/** The words in which the REST API is described: fields of requests, and calls. */
export type FieldType =
  | "string"
  | "integer"
  | "boolean"
  | "object"
  | "strings"
  | "integers"
  | "objects";

/** A field of a query or a JSON body. */
export interface Field<T extends FieldType = FieldType, O extends boolean = boolean> {
  readonly type: T;
  readonly optional: O;
  readonly doc: string;
}

/** The fields of a query or a JSON body, by name. */
export type Fields = { readonly [name: string]: Field };

interface FieldValues {
  string: string;
  integer: number;
  boolean: boolean;
  object: Readonly<Record<string, unknown>>;
  strings: readonly string[];
  integers: readonly number[];
  objects: readonly Readonly<Record<string, unknown>>[];
}

/** Type of a request whose fields are declared. */
export type FieldsOf<F extends Fields> = {
  readonly [name in keyof F as F[name]["optional"] extends true
    ? never
    : name]: FieldValues[F[name]["type"]];
} & {
  readonly [name in keyof F as F[name]["optional"] extends true
    ? name
    : never]?: FieldValues[F[name]["type"]];
};

/** Fields of a JSON body, or the raw bytes of the request. */
type Body = Fields | "bytes";

/** A call of the REST API. */
export interface RestCall<Q extends Fields = Fields, B extends Body = Body, R = unknown> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With `!param` and `*rest` as in plugs. */
  readonly path: string;
  readonly summary: string;
  readonly query: Q;
  /** Fields of the JSON body; `bytes`: the raw body; `none`. */
  readonly body: B | "none";
  readonly answer: "json" | "bytes" | "events" | "text";
  /** Only for types. */
  readonly response?: R;
}

const field =
  <T extends FieldType>(type: T) =>
  (doc: string): Field<T, false> => ({ type, optional: false, doc });
export const string = field("string");
export const strings = field("strings");
export const object = field("object");
export const objects = field("objects");
export const boolean = field("boolean");
export const integer = field("integer");
export const integers = field("integers");
/** The same field, which may be left out. */
export const optional = <T extends FieldType>(one: Field<T, false>): Field<T, true> => ({
  ...one,
  optional: true,
});

type Details<Q extends Fields, B extends Body> = {
  readonly summary: string;
  readonly query?: Q;
  readonly body?: B;
  readonly answer?: RestCall["answer"];
};

// biome-ignore lint/complexity/noBannedTypes: an empty object type is what "no fields" means here
type None = {};

/** Declares a call; path parameters stand in its path. */
export const call =
  <R>() =>
  <Q extends Fields = None, const B extends Body = None>(
    method: RestCall["method"],
    path: string,
    details: Details<Q, B>,
  ): RestCall<Q, B, R> => ({
    method,
    path,
    summary: details.summary,
    query: details.query ?? ({} as Q),
    body: details.body ?? "none",
    answer: details.answer ?? "json",
  });

/** Answer of a call that has nothing else to say; part of most others. */
export interface Done {
  readonly status: true;
}
