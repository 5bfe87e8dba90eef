import { validateMethod } from "./names.ts";
import {
  integer,
  json,
  list,
  number,
  object,
  oneOf,
  optional,
  record,
  string,
  type ValueOf,
} from "./shape.ts";

const I32_MIN = -(2 ** 31);
const U32_MAX = 2 ** 32 - 1;

const expectations = object(
  {
    status: optional(integer(100, 599, "http status")),
    headers: optional(
      record(
        string("the value, or a regular expression between slashes"),
        "headers that the answer must have, by name in any case",
      ),
    ),
    body: optional(string("the whole body as text")),
    json: optional(json("the body must be JSON that holds at least this")),
    matches: optional(
      string("regular expression that the body must match somewhere", regularExpression),
    ),
    result: optional(integer(I32_MIN, U32_MAX, "what the start function returns")),
    maxMs: optional(number(0, 3_600_000, "the answer must be there within, in ms")),
  },
  "what the answer must be like; everything that is given must hold",
);

/** The whole of a `samples/*.json`. */
export const SAMPLE = object(
  {
    $schema: optional(string("JSON schema of this file, for editors")),
    name: optional(string("name of the sample; default: of the file")),
    description: optional(string("what it shows")),
    method: optional(string("http method; default: the plug's", validateMethod)),
    path: optional(string("path, or pattern filled from pathParams; default: the first plug")),
    pathParams: optional(record(string("value"), "values of the path's !name and *rest")),
    query: optional(record(string("value"), "query parameters")),
    headers: optional(record(string("value"), "request headers")),
    body: optional(string("body as text")),
    bodyJson: optional(json("body as JSON")),
    bodyFile: optional(string("file that holds the body, relative to this one")),
    bodyBase64: optional(string("body as base64", base64)),
    mode: optional(
      oneOf(["direct", "posix", "cgi"], "given: the function is called without a URL"),
    ),
    startFunction: optional(string("start function of such a call")),
    arguments: optional(list(integer(I32_MIN, U32_MAX, "i32"), "arguments in mode direct")),
    posixArguments: optional(list(string("argument"), "arguments in mode posix")),
    expect: optional(expectations),
  },
  "A sample input of a function, and what it must answer.",
);

/** Content of one `samples/*.json`. */
export type Sample = ValueOf<typeof SAMPLE>;
/** Expectations on an answer; all that are given must hold. */
export type Expectations = ValueOf<typeof expectations>;

function regularExpression(source: string): string | undefined {
  try {
    new RegExp(source, "u");
    return undefined;
  } catch (error) {
    return (error as SyntaxError).message;
  }
}

function base64(text: string): string | undefined {
  return /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text) ? undefined : "it is not base64";
}
