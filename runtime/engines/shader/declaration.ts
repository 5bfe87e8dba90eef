import { MocError } from "../../protocol/errors.ts";
import { isObject } from "../../protocol/is-object.ts";

/** A number, or arithmetic over parameters and binding sizes: `ceil(input.length / 256)`. */
export type Formula = number | string;

/** A number, or a few, that requests may give to the shader. */
export interface ParameterDeclaration {
  readonly default?: Formula | readonly number[];
  readonly min?: number;
  readonly max?: number;
  /** For controls that offer it. */
  readonly step?: number;
  readonly description?: string;
}

/** What a binding of the shader starts with, and how large it is. */
export interface BindingDeclaration {
  /** Where its content comes from; default: what the shader's access to it suggests. */
  readonly from?: "body" | "json" | "zero";
  /** Elements of an array without a length. */
  readonly length?: Formula;
  /** Pixels of a texture. */
  readonly width?: Formula;
  readonly height?: Formula;
}

/** One invocation for each element or pixel of a binding; or numbers of workgroups. */
export type WorkgroupRule = { readonly over: string } | readonly Formula[];

/** An entry point that is dispatched; passes run in the order of their list. */
export interface PassDeclaration {
  readonly entry: string;
  readonly workgroups?: WorkgroupRule;
  /** How often it runs; default once. */
  readonly repeat?: Formula;
  /** Two bindings that change places between two runs: what was written is read next. */
  readonly swap?: readonly [string, string];
}

/**
 * How the bindings that are read back are answered: bytes as they are, numbers as JSON, or a picture.
 */
export type ResultForm = "raw" | "json" | "png";

/** What a call answers. */
export interface ResultDeclaration {
  /** Which bindings; default: those that the shader writes. */
  readonly binding?: string | readonly string[];
  /** Unless the request's Accept header asks for another form. */
  readonly as?: ResultForm;
  /** Pixels of a buffer that is to become a picture. */
  readonly width?: Formula;
  readonly height?: Formula;
}

/** What cannot be found by reflection: `shader` in moc.json, or `moc: {…}` in a comment. */
export interface ShaderDeclaration {
  readonly entry?: string;
  readonly parameters?: Readonly<
    Record<string, Formula | readonly number[] | ParameterDeclaration>
  >;
  readonly bindings?: Readonly<Record<string, BindingDeclaration>>;
  readonly workgroups?: WorkgroupRule;
  readonly passes?: readonly PassDeclaration[];
  readonly result?: ResultDeclaration;
}

type Check = (value: unknown) => string | undefined;

const wants =
  (test: (value: unknown) => boolean, wanted: string): Check =>
  (value) =>
    test(value) ? undefined : `must be ${wanted}`;

const text = wants((value) => typeof value === "string", "a text");
const number = wants((value) => typeof value === "number", "a number");
const isFormula = (value: unknown) => typeof value === "number" || typeof value === "string";
const formula = wants(isFormula, "a number or a formula");
const isNumbers = (value: unknown) =>
  Array.isArray(value) && value.every((one) => typeof one === "number");
const value = wants((one) => isFormula(one) || isNumbers(one), "a number, a formula or numbers");
const texts = wants(
  (one) =>
    typeof one === "string" || (Array.isArray(one) && one.every((x) => typeof x === "string")),
  "a name or a list of names",
);
const oneOf = (...words: string[]): Check =>
  wants((one) => words.includes(String(one)), `one of ${words.join(", ")}`);

function fields(known: Readonly<Record<string, Check>>): Check {
  return (object) => {
    if (!isObject(object)) return "must be an object";
    for (const [name, one] of Object.entries(object)) {
      const check = known[name];
      if (!check) return `has no field '${name}'; it has ${Object.keys(known).join(", ")}`;
      const problem = check(one);
      if (problem) return join(name, problem);
    }
    return undefined;
  };
}

function each(check: Check): Check {
  return (object) => {
    if (!isObject(object)) return "must be an object";
    for (const [name, one] of Object.entries(object)) {
      const problem = check(one);
      if (problem) return join(name, problem);
    }
    return undefined;
  };
}

/** `bindings.image must be…`: the path first, then what is wrong. */
function join(name: string, problem: string): string {
  return /^(must|has) /.test(problem) ? `${name} ${problem}` : `${name}.${problem}`;
}

const over = fields({ over: text });
const workgroups: Check = (rule) => {
  if (!Array.isArray(rule)) return over(rule);
  const fits = rule.length >= 1 && rule.length <= 3 && rule.every(isFormula);
  return fits ? undefined : 'must be { "over": NAME } or one to three numbers or formulas';
};
const parameter: Check = (one) =>
  isObject(one)
    ? fields({ default: value, min: number, max: number, step: number, description: text })(one)
    : value(one);
const size = { width: formula, height: formula };
const two = wants(
  (list) => Array.isArray(list) && list.length === 2 && list.every((x) => typeof x === "string"),
  "two names",
);
const pass = fields({ entry: text, workgroups, repeat: formula, swap: two });

const declaration = fields({
  entry: text,
  parameters: each(parameter),
  bindings: each(fields({ from: oneOf("body", "json", "zero"), length: formula, ...size })),
  workgroups,
  passes: (list) => {
    if (!Array.isArray(list) || list.length === 0) return "must be a list of passes";
    return list.map(pass).find((problem) => problem !== undefined);
  },
  result: fields({ binding: texts, as: oneOf("raw", "json", "png"), ...size }),
});

/**
 * The declaration of a shader: the settings' where there is one, else that in the shader's comments.
 * @throws MOC_MANIFEST naming the field
 */
export function readDeclaration(
  settings: unknown,
  source: string,
  name: string,
): ShaderDeclaration {
  const given = settings ?? parseComment(source, name);
  const problem = declaration(given);
  if (problem) {
    throw new MocError("MOC_MANIFEST", `the shader declaration of '${name}': ${problem}`);
  }
  return given as ShaderDeclaration;
}

/** From `moc: {` in a comment to the brace that closes it; comment marks in between are dropped. */
function parseComment(source: string, name: string): unknown {
  const start = /(?:^|\n)[ \t]*(?:\/\/|\/\*+|\*)[ \t]*moc:[ \t]*(?=\{)/.exec(source);
  if (!start) return {};
  const rest = source
    .slice(start.index + start[0].length)
    .replace(/\n[ \t]*(?:\/\/|\*(?!\/))/g, "\n");
  const json = rest.slice(0, closingBrace(rest));
  try {
    return JSON.parse(json);
  } catch (error) {
    const line = source.slice(0, start.index + start[0].length).split("\n").length;
    throw new MocError(
      "MOC_MANIFEST",
      `the comment 'moc:' of '${name}' is not valid JSON: ${(error as Error).message}`,
      { position: { file: name, line }, cause: error },
    );
  }
}

function closingBrace(text: string): number {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const sign = text[index];
    if (sign === "\\" && quoted) index++;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && sign === "{") depth++;
    else if (!quoted && sign === "}" && --depth === 0) return index + 1;
  }
  return text.length;
}
