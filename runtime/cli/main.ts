/** Entry of the command line: finds the verb, runs it, turns errors into one line and an exit code. */
import { enableCompileCache } from "node:module";
import { nearest } from "../../devkit/nearest.ts";
import { MocError } from "../protocol/errors.ts";
import { compiledFolder } from "./compiled-folder.ts";
import { HELP_VERBS, printHelp, printVerbHelp } from "./help.ts";
import { VERBS } from "./list.ts";
import { parseArguments } from "./parse-arguments.ts";
import { Terminal } from "./terminal.ts";
import { type AnyVerb, UsageError } from "./verb.ts";

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

// What V8 compiles of the verbs is kept for the next start.
enableCompileCache(compiledFolder());

const terminal = new Terminal();
process.exitCode = await main(process.argv.slice(2), terminal);

async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const [word, ...rest] = args;
  if (word === undefined || HELP_VERBS.includes(word)) {
    return printHelp(terminal, rest[0]);
  }
  try {
    const verb = await findVerb(word);
    const { operands, options, help } = parseArguments(rest, verb.options);
    if (help) {
      printVerbHelp(terminal, verb);
      return 0;
    }
    checkOperands(verb, operands);
    return (await verb.run({ operands, options: options as never, terminal })) ?? 0;
  } catch (error) {
    return report(error, word, terminal);
  }
}

async function findVerb(word: string): Promise<AnyVerb> {
  const name = word === "--version" || word === "-version" || word === "-v" ? "version" : word;
  const load = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (load) return load();
  if (word.startsWith("-")) {
    throw new UsageError(`options follow the verb: moc VERB ${word} …`);
  }
  const near = nearest(word, [...Object.keys(VERBS), "help"]);
  throw new UsageError(`there is no verb "${word}"${near ? `; did you mean "${near}"?` : ""}`);
}

function checkOperands(
  { name, usage, operands: { min, max } }: AnyVerb,
  operands: readonly string[],
) {
  if (operands.length < min) throw new UsageError(`usage: moc ${name} ${usage}`);
  if (operands.length > max) {
    const extra = operands[max];
    throw new UsageError(`"${extra}" is one operand too many; usage: moc ${name} ${usage}`);
  }
}

function report(error: unknown, word: string, terminal: Terminal): number {
  const label = terminal.errorStyle("red", "error:");
  if (error instanceof UsageError) {
    terminal.note(`${label} ${error.message}`);
    const about = Object.hasOwn(VERBS, word) ? ` ${word}` : "";
    terminal.note(`See "moc help${about}".`);
    return EXIT_USAGE;
  }
  if (error instanceof MocError) {
    terminal.note(`${label} ${error.message} [${error.code}]`);
    return EXIT_FAILURE;
  }
  // A defect of ours: its stack is what a report needs.
  terminal.note(`${label} ${error instanceof Error ? error.stack : String(error)}`);
  return EXIT_FAILURE;
}
