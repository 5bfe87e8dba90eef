import type { Terminal } from "./terminal.ts";

/** One option of a verb, written with one dash or two, in any of camelCase, kebab-case, snake_case. */
export interface OptionSpec {
  /** `flag` takes no value; a `list` option may be given several times. */
  readonly kind: "value" | "flag" | "list";
  /** What the value is called in the help. */
  readonly value?: string;
  readonly doc: string;
}

/** Options of a verb: keys are camelCase in code and kebab-case on the command line. */
export type OptionSpecs = { readonly [name: string]: OptionSpec };

type OptionValues<O extends OptionSpecs> = {
  readonly [name in keyof O]: O[name]["kind"] extends "flag"
    ? boolean
    : O[name]["kind"] extends "list"
      ? readonly string[]
      : string | undefined;
};

interface VerbRun<O extends OptionSpecs = OptionSpecs> {
  readonly operands: readonly string[];
  readonly options: OptionValues<O>;
  readonly terminal: Terminal;
}

/** One verb of the command line. */
interface Verb<O extends OptionSpecs = OptionSpecs> {
  readonly name: string;
  /** Operands as the help writes them, such as `FUNCTION FILE`. */
  readonly usage: string;
  readonly summary: string;
  /** Further lines of the help. */
  readonly details?: readonly string[];
  readonly examples?: readonly string[];
  readonly operands: { readonly min: number; readonly max: number };
  readonly options: O;
  /** Exit code; undefined is 0. Errors are thrown. */
  run(run: VerbRun<O>): Promise<number | undefined>;
}

/** A verb whatever its options are, as the list of verbs holds it. */
export interface AnyVerb extends Omit<Verb, "run"> {
  run(run: VerbRun): Promise<number | undefined>;
}

/** Types a verb's options from their declaration. */
export function defineVerb<const O extends OptionSpecs>(verb: Verb<O>): AnyVerb {
  return { ...verb, run: (run) => verb.run({ ...run, options: run.options as OptionValues<O> }) };
}

/** Wrong use of the command line: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const value = (name: string, doc: string): OptionSpec & { readonly kind: "value" } => ({
  kind: "value",
  value: name,
  doc,
});

/** Options of every verb that talks with a runtime. */
export const TARGET_OPTIONS = {
  data: value(
    "DIR",
    "data folder of the runtime; default: MOC_DATA, or the nearest my-own-cluster-data",
  ),
  baseUrl: value("URL", "address of the runtime; default: MYOWNCLUSTER_SERVER_BASE_URL"),
  token: value("TOKEN", "admin token; default: MOC_TOKEN, or the data folder's"),
  certificate: value("FILE", "PEM certificate to trust, for a remote runtime that signed its own"),
} as const;

/** Option of verbs whose answer a script may want. */
export const JSON_OPTION = {
  json: { kind: "flag", doc: "print JSON" },
} as const satisfies OptionSpecs;
