import type { Builder } from "../../../devkit/builders/builder.ts";
import { BUILDERS } from "../../../devkit/builders/list.ts";
import { type CheckedToolchain, checkToolchain } from "../../../devkit/check-toolchain.ts";
import { nearest } from "../../../devkit/nearest.ts";
import { findRuntime } from "../../../devkit/runtime-process.ts";
import { meantDataFolder } from "../../../devkit/target.ts";
import { MocError } from "../../protocol/errors.ts";
import { whileBuilding } from "../progress.ts";
import type { Terminal } from "../terminal.ts";
import { defineVerb, JSON_OPTION } from "../verb.ts";

/** One slow compiler does not keep the others waiting, and the machine stays usable. */
const CHECKS_AT_ONCE = 2;

export const verb = defineVerb({
  name: "doctor",
  usage: "[LANGUAGE …]",
  summary: "Check the compilers by building a small function; say what to install.",
  details: ["LANGUAGE: default: all of them. The first build in Go may take half a minute."],
  operands: { min: 0, max: Number.POSITIVE_INFINITY },
  options: JSON_OPTION,
  async run({ operands, options, terminal }) {
    const builders = operands.length > 0 ? operands.map(builderOf) : compilers();
    const checks = await whileBuilding(terminal, (building) =>
      atMost(CHECKS_AT_ONCE, builders, (builder) => checkToolchain(builder, building)),
    );
    const instance = await findRuntime(await meantDataFolder());
    const node = process.versions.node;
    if (options.json) terminal.json({ node, runtime: instance?.url, languages: checks });
    else printChecks(checks, instance?.url, terminal);
    return 0;
  },
});

/** Languages that are compiled; for the others there is nothing to check. */
function compilers(): readonly Builder[] {
  return Object.values(BUILDERS).filter(({ defaultSources: [first] }) => first);
}

function builderOf(language: string): Builder {
  const found = compilers().find((one) => one.language === language);
  if (found) return found;
  const languages = compilers().map((one) => one.language);
  const near = nearest(language, languages);
  const hint = near ? `did you mean "${near}"?` : `there are ${languages.join(", ")}.`;
  throw new MocError("MOC_NOT_FOUND", `There is no language "${language}": ${hint}`);
}

/** Works on all items, on so many at once; answers in their order. */
async function atMost<T, R>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const waiting = [...items.entries()];
  const workOn = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      results[next[0]] = await work(next[1]);
    }
  };
  await Promise.all(Array.from({ length: limit }, workOn));
  return results;
}

function printChecks(
  checks: readonly CheckedToolchain[],
  runtime: string | undefined,
  terminal: Terminal,
): void {
  const good = terminal.style("green", "ok");
  terminal.table([
    ...checks.map((check) => [mark(check, terminal), check.language, facts(check)]),
    [good, "node", process.versions.node],
    [runtime ? good : "-", "runtime", runtime ?? "none is running here"],
  ]);
  for (const { language, status } of checks) {
    if (status.ok) continue;
    terminal.line();
    terminal.line(`For ${language}:`);
    for (const line of status.install.split("\n")) terminal.line(`  ${line}`);
  }
}

function mark({ status }: CheckedToolchain, terminal: Terminal): string {
  if (!status.ok) return terminal.style("yellow", "missing");
  return status.onDemand ? "later" : terminal.style("green", "ok");
}

function facts({ status, buildMs }: CheckedToolchain): string {
  if (!status.ok) return status.missing;
  return buildMs === undefined
    ? status.tool
    : `${status.tool}: built a small function in ${Math.round(buildMs)} ms`;
}
