import { MocError } from "./errors.ts";
import { isObject } from "./is-object.ts";
import type { Field, Fields, FieldsOf, FieldType } from "./rest-vocabulary.ts";

const CHECKS: { readonly [type in FieldType]: (value: unknown) => boolean } = {
  string: isString,
  integer: Number.isSafeInteger,
  boolean: (value) => typeof value === "boolean",
  object: isObject,
  strings: (value) => Array.isArray(value) && value.every(isString),
  integers: (value) => Array.isArray(value) && value.every(Number.isSafeInteger),
  objects: (value) => Array.isArray(value) && value.every(isObject),
};

const TITLES: { readonly [type in FieldType]: string } = {
  string: "a string",
  integer: "a whole number",
  boolean: "true or false",
  object: "an object",
  strings: "a list of strings",
  integers: "a list of whole numbers",
  objects: "a list of objects",
};

/**
 * Checks the fields of a request's JSON body against their declaration. `null` is as good as absent.
 * @throws MOC_BAD_REQUEST naming the field
 */
export function checkBody<F extends Fields>(fields: F, body: unknown): FieldsOf<F> {
  if (!isObject(body)) fail("the body must be a JSON object");
  return check(fields, body as Readonly<Record<string, unknown>>, "field");
}

/**
 * Reads a query string with the types of its declaration.
 * @throws MOC_BAD_REQUEST naming the parameter
 */
export function checkQuery<F extends Fields>(fields: F, query: string): FieldsOf<F> {
  const values: Record<string, unknown> = Object.create(null);
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = decode(at < 0 ? pair : pair.slice(0, at));
    const text = at < 0 ? "" : decode(pair.slice(at + 1));
    if (name in values) fail(`query parameter ${name} is given twice`);
    const integer = Object.hasOwn(fields, name) && fields[name]?.type === "integer";
    values[name] = integer && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  }
  return check(fields, values, "query parameter");
}

function check<F extends Fields>(
  fields: F,
  values: Readonly<Record<string, unknown>>,
  what: string,
): FieldsOf<F> {
  const read: Record<string, unknown> = {};
  for (const name of Object.keys(values)) {
    if (Object.hasOwn(fields, name)) continue;
    const known = Object.keys(fields).join(", ") || "none";
    fail(`${what} ${name.slice(0, 60)} is not known here; known: ${known}`);
  }
  for (const [name, field] of Object.entries<Field>(fields)) {
    const value = values[name];
    if (value === undefined || value === null) {
      if (!field.optional) fail(`${what} ${name} is missing: ${field.doc}`);
    } else if (CHECKS[field.type](value)) {
      read[name] = value;
    } else {
      fail(`${what} ${name} must be ${TITLES[field.type]}: ${field.doc}`);
    }
  }
  // Every field was checked against its declaration.
  return read as FieldsOf<F>;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return fail(`the query has a bad percent escape in '${text.slice(0, 60)}'`);
  }
}

function isString(value: unknown): boolean {
  return typeof value === "string";
}

function fail(message: string): never {
  throw new MocError("MOC_BAD_REQUEST", message);
}
