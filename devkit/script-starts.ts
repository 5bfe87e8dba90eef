import { MODULE_STARTS, SCRIPT_STARTS } from "../runtime/protocol/start-names.ts";

/** What can be entered of an artefact. */
export interface Starts {
  /** Functions that are surely there, for the message. */
  readonly names: readonly string[];
  /** What is entered when nothing is named. */
  readonly defaults: readonly string[];
  /** false only when it is sure that there is no function of this name. */
  mayHave(name: string): boolean;
}

const SOURCE_MAP = "\n//# sourceMappingURL=";
/** Surely calls, not definitions. */
const CALLS = /(?:\bawait|\breturn|=|=>)\s+fetch\(/g;
const GLOBALS = /^(?:async )?(?:function\*? |(?:var|let|const) )([\w$]+)/gm;
/** In an object that takes several lines, and in one that takes one. */
const METHODS = /^ {2}(?:async )?([\w$]+)(?=[(:,]|$)/gm;
const FIRST_METHOD = /^var [\w$]+ = \{ (?:async )?([\w$]+)(?=[(:,]| \})/gm;

/**
 * What may be entered of a script or module. It is not run, and so little is sure: a name that does
 * not occur in the whole text is that of no function, whatever the text does.
 * @param exports - of the module, where they are known; none: a script
 */
export function scriptStarts(artifact: Uint8Array, exports: readonly string[] | undefined): Starts {
  const text = withoutSourceMap(new TextDecoder().decode(artifact)).replaceAll(CALLS, "");
  const occurs = (name: string): boolean => wordPattern(name).test(text);
  if (!exports) {
    const defaults = [...MODULE_STARTS, ...SCRIPT_STARTS];
    // Its default export may be a function.
    return { names: [], defaults, mayHave: (name) => occurs(name) || occurs("default") };
  }
  if (exports.length === 0) {
    const names = matches(text, GLOBALS);
    return { names, defaults: SCRIPT_STARTS, mayHave: occurs };
  }
  const own = exports.filter((name) => name !== "default");
  if (own.length === exports.length) {
    return { names: own, defaults: MODULE_STARTS, mayHave: (name) => own.includes(name) };
  }
  const literal = defaultLiteral(text);
  return {
    names: [...own, ...matches(literal, METHODS), ...matches(literal, FIRST_METHOD)],
    defaults: MODULE_STARTS,
    mayHave: (name) => occurs(name) || (literal === undefined && isDefaultFunction(name)),
  };
}

/** The default export is entered under these names if it is a function itself. */
function isDefaultFunction(name: string): boolean {
  return name === "fetch" || name === "default";
}

function withoutSourceMap(text: string): string {
  const end = text.lastIndexOf(SOURCE_MAP);
  return end < 0 ? text : text.slice(0, end);
}

/** The object that is exported by default, as esbuild writes it; undefined: it is something else. */
function defaultLiteral(text: string): string | undefined {
  const [, name] = /^ {2}([\w$]+) as default\b/m.exec(text) ?? [];
  return name === undefined ? undefined : literalOf(text, name, true);
}

function literalOf(text: string, name: string, mayBeAlias: boolean): string | undefined {
  const start = new RegExp(`^var ${escaped(name)} = (?:(\\{)|([\\w$]+);$)`, "m").exec(text);
  const [, brace, alias] = start ?? [];
  if (alias !== undefined && mayBeAlias) return literalOf(text, alias, false);
  if (!start || brace === undefined) return undefined;
  const rest = text.slice(start.index);
  const [line = ""] = rest.split("\n", 1);
  return line.endsWith(";") ? line : rest.slice(0, rest.indexOf("\n};"));
}

function matches(text = "", pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, name = ""]) => name))];
}

function wordPattern(name: string): RegExp {
  return new RegExp(`(?<![\\w$])${escaped(name)}(?![\\w$])`);
}

function escaped(text: string): string {
  return text.replace(/[$\\^.*+?()[\]{}|]/g, "\\$&");
}
