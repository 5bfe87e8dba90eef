import { relative } from "node:path";
import type { DeployFailure, DeploySuccess } from "../../devkit/deploy.ts";
import type { MocError } from "../protocol/errors.ts";
import type { Terminal } from "./terminal.ts";

/** What a deploy did, for people. */
export function printDeployed(outcome: DeploySuccess, terminal: Terminal): void {
  const { name, revision, techID, changed, urls, build } = outcome;
  const head = `${terminal.style("green", name)} revision ${revision} (${techID.slice(0, 12)}), built in ${Math.round(build.durationMs)} ms by ${build.toolVersion}`;
  terminal.line(head);
  for (const diagnostic of build.diagnostics) terminal.diagnostic(diagnostic);
  if (changed.length === 0) terminal.line("  nothing changed");
  for (const line of changed) terminal.line(`  ${line}`);
  for (const url of urls) terminal.line(`  ${terminal.style("cyan", url)}`);
  printProblem(outcome, terminal);
}

/** That a version's calls fail; why is printed with its diagnostics. */
export function printProblem(
  { name, problem }: Pick<DeploySuccess, "name" | "problem">,
  terminal: Terminal,
): void {
  if (!problem) return;
  const warning = `warning: ${name} is deployed, but cannot be loaded: its calls fail until that is repaired`;
  terminal.note(terminal.errorStyle("yellow", warning));
}

/** When and after what a version came live. */
interface SavedFacts {
  readonly durationMs: number;
  readonly since: "save" | "start";
  /** What was told of the function last. */
  readonly before: DeploySuccess | undefined;
}

/** A save that is live, in one line; addresses and plugs only where they are not as before. */
export function printSaved(
  outcome: DeploySuccess,
  { durationMs, since, before }: SavedFacts,
  terminal: Terminal,
): void {
  const { name, revision, changed, urls, build } = outcome;
  // The name that moved is told by the line itself.
  const isSimple = changed.length <= 1 && urls.join() === before?.urls.join();
  if (!isSimple) printDeployed(outcome, terminal);
  else for (const diagnostic of build.diagnostics) terminal.diagnostic(diagnostic);
  const what = changed.length === 0 ? "unchanged" : "live";
  const times = `${what} ${Math.round(durationMs)} ms after the ${since}`;
  if (!isSimple) terminal.line(terminal.style("dim", `  ${times}`));
  else {
    terminal.line(`${terminal.style("green", name)} revision ${revision}, ${times}`);
    printProblem(outcome, terminal);
  }
}

/** Why a source does not compile. */
export function printFailure(
  { name, build }: DeployFailure,
  terminal: Terminal,
  wanted: "deployed" | "built" = "deployed",
): void {
  for (const diagnostic of build.diagnostics) terminal.diagnostic(diagnostic);
  const errors = build.diagnostics.filter(({ severity }) => severity === "error").length;
  terminal.note(
    terminal.errorStyle(
      "red",
      `${name} was not ${wanted}: ${errors} error${errors === 1 ? "" : "s"}`,
    ),
  );
}

/** What went wrong with the function in a folder, beside its source. */
export function printFolderError(
  folder: string,
  { message, code }: MocError,
  terminal: Terminal,
): void {
  const where = relative(".", folder);
  // Which of several it is: most messages name the folder, or a file in it, themselves.
  const text = where === "" || message.includes(folder) ? message : `${where}: ${message}`;
  terminal.note(`${terminal.errorStyle("red", "error:")} ${text} [${code}]`);
}

/** A deploy as scripts want it: without the bytes. */
export function deployedJson(outcome: DeploySuccess | DeployFailure): object {
  const { durationMs, toolVersion, diagnostics } = outcome.build;
  const build = { durationMs, toolVersion, diagnostics };
  if (!outcome.ok) return { ok: false, name: outcome.name, build };
  const { name, techID, revision, changed, urls, problem, uploadedBytes } = outcome;
  const facts = { name, tech_id: techID, revision, changed, urls, problem, uploadedBytes };
  return { ok: true, ...facts, build };
}
