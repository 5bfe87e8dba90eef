import { stat } from "node:fs/promises";
import { l10n, Uri } from "vscode";
import { callOrder } from "../../devkit/deploy-all.ts";
import { findFunctions } from "../../devkit/find-functions.ts";
import type { FunctionProject } from "../../devkit/manifest.ts";
import type { Parts } from "../parts.ts";
import { adopt } from "./adopt.ts";
import { deployNow } from "./deploy-now.ts";
import { NoFunctionError } from "./no-function.ts";
import { projectFor } from "./pick-function.ts";

/** Deploy: a function's folder or file, a folder of functions, or something to be adopted first. */
export async function deployCommand(
  parts: Parts,
  argument: unknown,
  selection: readonly unknown[],
): Promise<void> {
  const chosen = selection.length > 1 ? selection.filter((one) => one instanceof Uri) : [];
  if (chosen.length > 1) return deploySelected(parts, chosen);
  if (argument instanceof Uri && !parts.projects.containing(argument.fsPath)) {
    const below = await projectsBelow(argument.fsPath);
    if (below.length === 0) await adopt(parts, argument.fsPath);
    else await deployMany(parts, below);
    return;
  }
  const project = await projectFor(parts, argument);
  if (project) await deployNow(parts, project);
}

/** Several files and folders at once: each function that they belong to, or that is below, once. */
async function deploySelected(parts: Parts, chosen: readonly Uri[]): Promise<void> {
  const projects = new Map<string, FunctionProject>();
  for (const { fsPath } of chosen) {
    const own = parts.projects.containing(fsPath);
    for (const one of own ? [own] : await projectsBelow(fsPath)) projects.set(one.folder, one);
  }
  if (projects.size === 0) {
    throw new NoFunctionError(l10n.t("There is no function in what is selected."));
  }
  await deployMany(parts, [...projects.values()]);
}

/** Deploy All Functions, those that others call first. */
export async function deployAllCommand(parts: Parts): Promise<void> {
  await parts.projects.refresh();
  const { list } = parts.projects;
  if (list.length === 0) {
    throw new NoFunctionError(l10n.t("There is no function here yet."));
  }
  await deployMany(parts, list);
}

async function deployMany(parts: Parts, projects: readonly FunctionProject[]): Promise<void> {
  const deployAll = async (): Promise<void> => {
    for (const project of callOrder(projects)) await deployNow(parts, project);
  };
  const { length } = projects;
  await (length > 1 ? parts.reporter.together(length, deployAll) : deployAll());
}

async function projectsBelow(path: string): Promise<readonly FunctionProject[]> {
  const { projects, broken } = (await stat(path)).isDirectory()
    ? await findFunctions(path)
    : { projects: [], broken: [] };
  const [first] = broken;
  if (projects.length === 0 && first) throw first.error;
  return projects;
}
