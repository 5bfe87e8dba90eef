import { stat } from "node:fs/promises";
import { l10n, Uri } from "vscode";
import { findFunctions } from "../../devkit/find-functions.ts";
import type { FunctionProject } from "../../devkit/manifest.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { Parts } from "../parts.ts";
import { adopt } from "./adopt.ts";
import { deployNow } from "./deploy-now.ts";
import { projectFor } from "./pick-function.ts";

/** Deploy: a function's folder or file, a folder of functions, or something to be adopted first. */
export async function deployCommand(parts: Parts, argument: unknown): Promise<void> {
  if (argument instanceof Uri && !parts.projects.containing(argument.fsPath)) {
    const below = await projectsBelow(argument.fsPath);
    if (below.length === 0) await adopt(parts, argument.fsPath);
    else await deployMany(parts, below);
    return;
  }
  const project = await projectFor(parts, argument);
  if (project) await deployNow(parts, project);
}

/** Deploy All Functions, those that others call first. */
export async function deployAllCommand(parts: Parts): Promise<void> {
  await parts.projects.refresh();
  const { list } = parts.projects;
  if (list.length === 0) {
    throw new MocError("MOC_NOT_FOUND", l10n.t("There is no function here: create one first."));
  }
  await deployMany(parts, list);
}

async function deployMany(parts: Parts, projects: readonly FunctionProject[]): Promise<void> {
  for (const project of inCallOrder(projects)) await deployNow(parts, project);
}

/** Functions that others call come first. */
function inCallOrder(projects: readonly FunctionProject[]): FunctionProject[] {
  const ordered = new Set<FunctionProject>();
  const visit = (project: FunctionProject, above: readonly FunctionProject[]): void => {
    if (ordered.has(project) || above.includes(project)) return;
    for (const called of project.manifest.calls ?? []) {
      const other = projects.find(({ manifest }) => manifest.name === called);
      if (other) visit(other, [...above, project]);
    }
    ordered.add(project);
  };
  for (const project of projects) visit(project, []);
  return [...ordered];
}

async function projectsBelow(path: string): Promise<readonly FunctionProject[]> {
  const { projects, broken } = (await stat(path)).isDirectory()
    ? await findFunctions(path)
    : { projects: [], broken: [] };
  const [first] = broken;
  if (projects.length === 0 && first) throw first.error;
  return projects;
}
