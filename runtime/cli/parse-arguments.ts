import { nearest } from "../../devkit/nearest.ts";
import { type OptionSpecs, UsageError } from "./verb.ts";

interface ParsedArguments {
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly help: boolean;
}

/**
 * Reads what follows a verb. Options may stand anywhere and begin with one dash or two; `--` ends
 * them; a flag may be followed by `true` or `false`, as in the original; `-5` is an operand.
 * @throws UsageError
 */
export function parseArguments(args: readonly string[], specs: OptionSpecs): ParsedArguments {
  const operands: string[] = [];
  const values = new Map<string, string | boolean | string[]>();
  const rest = [...args];
  let help = false;
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--") {
      operands.push(...rest);
      break;
    }
    if (!isOption(arg)) {
      operands.push(arg);
      continue;
    }
    const [, word = "", given] = /^--?([^=]+)(?:=([\s\S]*))?$/.exec(arg) ?? [];
    if (["h", "help"].includes(word) && !Object.hasOwn(specs, word)) {
      help = true;
      continue;
    }
    const name = findOption(word, specs);
    const spec = specs[name];
    if (spec?.kind === "flag") {
      values.set(name, flagValue(name, given ?? trueOrFalse(rest)));
      continue;
    }
    const value = given ?? rest.shift();
    if (value === undefined) throw new UsageError(`the option --${name} needs a value`);
    const list = values.get(name);
    if (spec?.kind === "list") values.set(name, Array.isArray(list) ? [...list, value] : [value]);
    else values.set(name, value);
  }
  return { operands, options: complete(values, specs), help };
}

function isOption(arg: string): boolean {
  return arg.startsWith("-") && arg !== "-" && !/^-[\d.]/.test(arg);
}

function trueOrFalse(rest: string[]): string | undefined {
  return rest[0] === "true" || rest[0] === "false" ? rest.shift() : undefined;
}

function flagValue(name: string, given: string | undefined): boolean {
  if (given === undefined || given === "true") return true;
  if (given === "false") return false;
  throw new UsageError(`the option --${name} is a switch: leave "=${given}" away`);
}

function findOption(word: string, specs: OptionSpecs): string {
  const wanted = plain(word);
  const names = Object.keys(specs);
  const name = names.find((one) => plain(one) === wanted);
  if (name !== undefined) return name;
  const near = nearest(word, names.map(kebab));
  const hint = near ? `; did you mean --${near}?` : "";
  throw new UsageError(`there is no option --${word}${hint}`);
}

function complete(
  values: ReadonlyMap<string, string | boolean | string[]>,
  specs: OptionSpecs,
): ParsedArguments["options"] {
  const options: Record<string, string | boolean | readonly string[] | undefined> = {};
  for (const [name, { kind }] of Object.entries(specs)) {
    const absent = kind === "flag" ? false : kind === "list" ? [] : undefined;
    options[name] = values.get(name) ?? absent;
  }
  return options;
}

function plain(word: string): string {
  return word.replaceAll(/[-_]/g, "").toLowerCase();
}

/** `baseUrl` and `start_function` as the help writes them: `base-url`, `start-function`. */
export function kebab(name: string): string {
  return name
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-")
    .replaceAll("_", "-")
    .toLowerCase();
}
