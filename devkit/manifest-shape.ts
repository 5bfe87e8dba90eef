import { FUNCTION_LIMITS, type LimitName } from "../runtime/protocol/limits.ts";
import { CAPABILITIES } from "../runtime/protocol/model.ts";
import { validateMethod, validateName, validatePlugPath } from "./names.ts";
import {
  integer,
  json,
  list,
  type OptionalShape,
  object,
  oneOf,
  optional,
  record,
  type Shape,
  string,
  type ValueOf,
} from "./shape.ts";

/** Languages that a manifest can name; each has a builder of the same name. */
export const LANGUAGES = [
  "javascript",
  "typescript",
  "c",
  "rust",
  "go",
  "assemblyscript",
  "wat",
  "wgsl",
  "glsl",
  "static-site",
  "prebuilt",
  "custom",
] as const;
/** Chooses the builder. */
export type Language = (typeof LANGUAGES)[number];

/** Tools that `compiler` can ask for instead of the one found first. */
const COMPILERS = ["clang", "yowasp-clang", "rustc", "cargo", "go", "tinygo"] as const;

const method = (): Shape<string> =>
  string('http method in any case, "*" for all; default get', validateMethod);
const path = (): Shape<string> =>
  string("path pattern: /a/!name binds one segment, /a/*rest the remainder", validatePlugPath);
const host = (): Shape<string> => string("only for requests with this Host");
const data = (): Shape<string> => string("given to the function as header x-moc-plug-data");
const start = (): Shape<string> => string("start function; default: the function's own");

const plug = object(
  {
    method: optional(method()),
    path: path(),
    host: optional(host()),
    start: optional(start()),
    data: optional(data()),
    tags: optional(record(string("value of the tag"), "free notes kept with the plug")),
  },
  "a path that the function answers",
);

const files = object(
  {
    path: path(),
    dir: optional(string("folder whose files are served below the path", insideFolder)),
    file: optional(string("file served at the path", insideFolder)),
    host: optional(host()),
    contentType: optional(string("content type of `file`; default: by its name")),
  },
  "files served beside the function; one of dir and file",
);

const filter = object(
  {
    start: optional(start()),
    data: optional(data()),
    order: optional(integer(-1_000_000, 1_000_000, "filters run in ascending order; default 0")),
  },
  "the function runs before every plugged one",
);

const build = object(
  {
    command: string("shell command, run in the function's folder"),
    output: string("file that the command writes, relative to the function's folder", relativePath),
    contentType: optional(string("content type of the output; default: by its name")),
  },
  "command that builds the artefact, instead of the language's own builder",
);

/** The whole of `moc.json`. */
export const MANIFEST = object(
  {
    $schema: optional(string("JSON schema of this file, for editors")),
    name: string("name of the function", validateName),
    language: oneOf(LANGUAGES, "language of the source; chooses the builder"),
    source: optional(string("main source file; default: the language's usual one", relativePath)),
    artifact: optional(string("the file to deploy (language prebuilt)", relativePath)),
    compiler: optional(oneOf(COMPILERS, "compiler to use; default: the first that is installed")),
    flags: optional(list(string("one argument"), "further arguments for the compiler")),
    build: optional(build),
    mode: optional(
      oneOf(["direct", "posix", "cgi"], "how a call enters the guest; default: by the guest"),
    ),
    start: optional(start()),
    data: optional(data()),
    plugs: optional(list(plug, "paths that the function answers")),
    files: optional(list(files, "files served beside the function")),
    filters: optional(list(filter, "where the function filters requests")),
    limits: optional(object(limitShapes(), "limits of the function's calls")),
    capabilities: optional(
      list(oneOf(CAPABILITIES, "capability"), "what the function may do beside computing"),
    ),
    state: optional(
      oneOf(["fresh", "shared"], "fresh: each call starts pristine; shared: one instance"),
    ),
    env: optional(record(string("value"), "environment of the guest")),
    outbound: optional(
      list(string("HOST[:PORT]"), "hosts it may reach beside the platform's outbound policy"),
    ),
    calls: optional(
      list(string("name of a function", validateName), "functions it calls; deployed before it"),
    ),
    shader: optional(json("bindings and result of a shader, see the guide on GPU functions")),
  },
  "A function of My Own Cluster: how it is built, plugged, limited.",
);

/** A moc.json as it was read: checked, and nothing in it unknown. */
export type Manifest = ValueOf<typeof MANIFEST>;

function limitShapes(): { readonly [name in LimitName]: OptionalShape<number> } {
  const shapes: Partial<Record<LimitName, OptionalShape<number>>> = {};
  for (const [name, limit] of Object.entries(FUNCTION_LIMITS) as [
    LimitName,
    (typeof FUNCTION_LIMITS)[LimitName],
  ][]) {
    const doc = `${limit.meaning}, in ${limit.unit}; default ${limit.default}`;
    shapes[name] = optional(integer(1, limit.ceiling, doc));
  }
  return shapes as Record<LimitName, OptionalShape<number>>;
}

/** Source and output may lie in a parent (a workspace's target folder), but not anywhere. */
function relativePath(path: string): string | undefined {
  if (path === "") return "a path is needed";
  if (/^([A-Za-z]:|[\\/])/.test(path)) return `"${path}" must be relative to the function's folder`;
  return undefined;
}

/** Published files must be the project's own: a cloned manifest must not serve `../../.ssh`. */
function insideFolder(path: string): string | undefined {
  if (path.split(/[\\/]/).includes("..")) return `"${path}" must stay in the function's folder`;
  return relativePath(path);
}
