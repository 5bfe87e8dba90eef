import { LANGUAGES } from "./manifest-shape.ts";
import { list, object, oneOf, optional, string, type ValueOf } from "./shape.ts";

const VARIABLE = /^[a-z][A-Za-z0-9]*$/;

const variable = object(
  {
    name: string("how the content names it: {{name}}", (name) =>
      VARIABLE.test(name) ? undefined : "letters and digits, a small letter first",
    ),
    title: string("question to the user"),
    default: string("answer when the user gives none"),
    pattern: optional(string("regular expression that an answer must match whole")),
    message: optional(string("what to say when it does not")),
  },
  "what the user is asked",
);

const binding = object(
  {
    module: string("guest API module"),
    language: string("language of the bindings"),
    path: string("file to write, relative to the project"),
  },
  "guest bindings that are put into the project",
);

/** The whole of a `template.json`. */
export const TEMPLATE = object(
  {
    title: string("name in lists"),
    description: string("one line"),
    language: oneOf(LANGUAGES, "language of the source"),
    variables: list(variable, "what the user is asked, beside the name"),
    bindings: list(binding, "guest bindings that are put into the project"),
    open: string("file to open first"),
  },
  "A template for new functions.",
);

/** A template.json. */
export type TemplateFile = ValueOf<typeof TEMPLATE>;
