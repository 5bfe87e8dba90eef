import { VERB_GROUPS, VERBS } from "./list.ts";
import { kebab } from "./parse-arguments.ts";
import type { Terminal } from "./terminal.ts";
import type { AnyVerb, OptionSpec } from "./verb.ts";

/** Words that ask for help, the original's included. */
export const HELP_VERBS: readonly string[] = ["help", "--help", "-help", "-h"];

/** All verbs, or one of them; the exit code is 2 for one that does not exist. */
export async function printHelp(terminal: Terminal, word: string | undefined): Promise<number> {
  if (word !== undefined) {
    const load = Object.hasOwn(VERBS, word) ? VERBS[word] : undefined;
    if (!load) {
      terminal.note(`there is no verb "${word}"; "moc help" lists them`);
      return 2;
    }
    printVerbHelp(terminal, await load());
    return 0;
  }
  terminal.line("Usage: moc VERB [OPTIONS] [OPERANDS]");
  for (const [title, names] of Object.entries(VERB_GROUPS)) {
    terminal.line();
    terminal.line(terminal.style("bold", title));
    const rows: string[][] = [];
    for (const name of names) {
      const verb = await VERBS[name]?.();
      if (verb) rows.push([`  ${name}`, verb.summary]);
    }
    terminal.table(rows);
  }
  terminal.line();
  terminal.line(`"moc help VERB" says more of one. Documentation: README.md and docs/.`);
  return 0;
}

export function printVerbHelp(terminal: Terminal, verb: AnyVerb): void {
  terminal.line(`Usage: moc ${verb.name} ${verb.usage}`.trimEnd());
  terminal.line();
  terminal.line(verb.summary);
  for (const line of verb.details ?? []) terminal.line(line);
  const options = Object.entries(verb.options);
  if (options.length > 0) {
    terminal.line();
    terminal.line(terminal.style("bold", "Options"));
    terminal.table(options.map(([name, spec]) => [`  --${optionUsage(name, spec)}`, spec.doc]));
  }
  if (verb.examples) {
    terminal.line();
    terminal.line(terminal.style("bold", "Examples"));
    for (const example of verb.examples) terminal.line(`  ${example}`);
  }
}

function optionUsage(name: string, { kind, value = "VALUE" }: OptionSpec): string {
  if (kind === "flag") return kebab(name);
  return `${kebab(name)} ${value}${kind === "list" ? " …" : ""}`;
}
