import { PLATFORM_LIMITS } from "../runtime/protocol/limits.ts";
import { isSystemFunction } from "../runtime/protocol/system-plug.ts";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const PARAMETER = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const METHOD = /^(\*|[A-Za-z]+)$/;

/** Why a text is no function name, in one sentence; undefined when it is one. */
export function validateName(name: string): string | undefined {
  if (name === "") return "a function needs a name";
  const limit = PLATFORM_LIMITS.nameLength.value;
  if (name.length > limit) return `the name has ${name.length} characters, ${limit} are allowed`;
  if (isSystemFunction(name)) return `"${name}" is a function of the platform itself`;
  if (!NAME.test(name) || name.includes("..")) {
    return `"${name}" is no function name: use letters, digits, ".", "_" and "-", and start with a letter or a digit`;
  }
  return undefined;
}

/** Why a text is no plug path pattern; undefined when it is one. */
export function validatePlugPath(path: string): string | undefined {
  if (!path.startsWith("/")) return `the path "${path}" must start with "/"`;
  if (/[?#\s\\]/.test(path)) return `the path "${path}" must hold no "?", "#", "\\" or space`;
  if (path === "/my-own-cluster" || path.startsWith("/my-own-cluster/")) {
    return `the path "${path}" belongs to the platform: choose one outside /my-own-cluster`;
  }
  const segments = path.slice(1).split("/");
  const names = new Set<string>();
  for (const [index, segment] of segments.entries()) {
    const problem = validateSegment(segment, index === segments.length - 1, names);
    if (problem) return `the path "${path}" ${problem}`;
  }
  return undefined;
}

/** Why a text is no method of a plug; undefined when it is one. */
export function validateMethod(method: string): string | undefined {
  return METHOD.test(method) ? undefined : `"${method}" is no http method`;
}

function validateSegment(segment: string, last: boolean, names: Set<string>): string | undefined {
  if (segment === "" && !last) return `holds "//"`;
  if (segment === "." || segment === "..") return `holds "${segment}"`;
  const kind = segment[0];
  if (kind !== "!" && kind !== "*") return undefined;
  const name = segment.slice(1);
  if (!PARAMETER.test(name)) return `holds "${segment}": a name must follow the "${kind}"`;
  if (kind === "*" && !last) return `holds "${segment}" before its end: "*" takes the remainder`;
  if (names.has(name)) return `binds "${name}" twice`;
  names.add(name);
  return undefined;
}
