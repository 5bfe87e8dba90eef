import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { validateName } from "../../../devkit/names.ts";
import { quote } from "../../../devkit/sample-command.ts";
import {
  byId,
  createFunction,
  findTemplate,
  listTemplates,
  obstacleIn,
  type Template,
  templateNamed,
  validateVariable,
} from "../../../devkit/templates.ts";
import { MocError } from "../../protocol/errors.ts";
import type { Terminal } from "../terminal.ts";
import { defineVerb, JSON_OPTION, UsageError } from "../verb.ts";

/** It needs no compiler. */
const DEFAULT_TEMPLATE = "javascript";

export const verb = defineVerb({
  name: "new",
  usage: "[TEMPLATE] [NAME] [FOLDER]",
  summary: "Create a function from a template; asks for what is not given.",
  details: ['"moc templates" lists the templates. FOLDER: default ./NAME.'],
  examples: ["moc new rust hello && cd hello && moc dev"],
  operands: { min: 0, max: 3 },
  options: {
    var: { kind: "list", value: "NAME=VALUE", doc: "value of a variable of the template" },
    ...JSON_OPTION,
  },
  async run({ operands: [id, givenName, folder], options, terminal }) {
    const templates = byId(await listTemplates());
    const template =
      id === undefined ? await askTemplate(templates, terminal) : findTemplate(templates, id);
    const name = givenName ?? (await ask(terminal, "Name", "hello", checkNewName));
    const variables = await variablesOf(template, options.var, terminal);
    const target = folder ?? join(".", name);
    const created = await createFunction({ template, name, folder: target, variables });
    if (options.json) {
      terminal.json(created);
      return 0;
    }
    for (const file of created.files) terminal.line(`  ${relative(process.cwd(), file)}`);
    terminal.line(`Created ${terminal.style("green", name)}. Next:`);
    const place = relative(process.cwd(), created.folder);
    const needsPackages = await hasDependencies(join(created.folder, "package.json"));
    const steps = [place && `cd ${quote(place)}`, needsPackages && "npm install", "moc dev"];
    terminal.line(`  ${steps.filter(Boolean).join(" && ")}`);
    return 0;
  },
});

/** Of a function whose folder is called like it: said before anything else is asked. */
async function checkNewName(name: string): Promise<string | undefined> {
  const wrong = validateName(name);
  if (wrong || !(await obstacleIn(resolve(name)))) return wrong;
  return `there is a "${name}" here already: choose another name`;
}

/** Whether a build needs packages of the function's own; compilers are fetched when they are first used. */
async function hasDependencies(packageFile: string): Promise<boolean> {
  if (!existsSync(packageFile)) return false;
  const { dependencies } = JSON.parse(await readFile(packageFile, "utf8"));
  return dependencies !== undefined;
}

async function askTemplate(templates: readonly Template[], terminal: Terminal): Promise<Template> {
  if (!terminal.isInteractive) throw notAsked();
  terminal.table(
    templates.map(({ id, description }, i) => [
      `  ${i + 1}`,
      terminal.style("bold", id),
      description,
    ]),
  );
  const check = (answer: string): string | undefined =>
    choose(templates, answer)
      ? undefined
      : `give a number from 1 to ${templates.length}, or a name`;
  const answer = await ask(terminal, "Template", DEFAULT_TEMPLATE, check);
  return choose(templates, answer) ?? findTemplate(templates, answer);
}

function choose(templates: readonly Template[], answer: string): Template | undefined {
  return templates[Number(answer) - 1] ?? templateNamed(templates, answer);
}

async function variablesOf(
  template: Template,
  given: readonly string[],
  terminal: Terminal,
): Promise<Readonly<Record<string, string>>> {
  const values: Record<string, string> = {};
  for (const entry of given) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(entry) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError(`--var ${entry}: write NAME=VALUE`);
    }
    values[name] = value;
  }
  if (!terminal.isInteractive) return values;
  for (const variable of template.variables) {
    const check = (value: string): string | undefined => validateVariable(variable, value);
    values[variable.name] ??= await ask(terminal, variable.title, variable.default, check);
  }
  return values;
}

/** Asks until the answer is acceptable. */
async function ask(
  terminal: Terminal,
  question: string,
  byDefault: string,
  check: (answer: string) => string | undefined | Promise<string | undefined>,
): Promise<string> {
  if (!terminal.isInteractive) throw notAsked();
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  const { promise: ended, reject } = Promise.withResolvers<never>();
  // Ctrl-C, Ctrl-D, or a terminal that is gone.
  reader.once("close", () => reject(new MocError("MOC_CANCELLED", "Nothing was created.")));
  // It is raced with each answer; after the last one nobody listens, and closing is no failure.
  ended.catch(() => undefined);
  try {
    for (;;) {
      const reply = reader.question(`${question} (${byDefault}): `);
      reply.catch(() => undefined);
      const answer = (await Promise.race([reply, ended])).trim() || byDefault;
      const wrong = await check(answer);
      if (wrong === undefined) return answer;
      terminal.note(wrong);
    }
  } finally {
    reader.close();
  }
}

/** Nobody sits there to be asked. */
function notAsked(): UsageError {
  return new UsageError(
    'usage: moc new TEMPLATE NAME [FOLDER]; "moc templates" lists the templates',
  );
}
