import { MocError } from "../runtime/protocol/errors.ts";
import type { Client } from "./client.ts";
import { type DeployOptions, type DeployOutcome, deployProject } from "./deploy.ts";
import { findFunctions } from "./find-functions.ts";
import type { FunctionProject } from "./manifest.ts";

/** What became of one function of several. */
export type FolderOutcome =
  | { readonly folder: string; readonly outcome: DeployOutcome }
  | { readonly folder: string; readonly error: MocError };

/**
 * Deploys every function found below a folder, those that others call first. One that fails does not
 * keep the others from being deployed.
 * @throws MocError MOC_NOT_FOUND (no function there), MOC_CONFLICT (a name twice), MOC_UNREACHABLE,
 * MOC_CANCELLED
 */
export async function deployAll(
  client: Client,
  folder: string,
  options: DeployOptions = {},
): Promise<readonly FolderOutcome[]> {
  const { projects, broken } = await findFunctions(folder);
  if (projects.length === 0 && broken.length === 0) {
    throw new MocError(
      "MOC_NOT_FOUND",
      `There is no moc.json in ${folder} or below: make a function with "moc new".`,
    );
  }
  refuseDoubleNames(projects);
  const outcomes: FolderOutcome[] = [...broken];
  for (const project of callOrder(projects)) {
    outcomes.push(await deployOne(client, project, options));
  }
  return outcomes;
}

/** Functions with those that they call before them; a circle is taken as it comes. */
export function callOrder(projects: readonly FunctionProject[]): readonly FunctionProject[] {
  const byName = new Map(projects.map((project) => [project.manifest.name, project]));
  const ordered = new Set<FunctionProject>();
  const entered = new Set<FunctionProject>();
  const visit = (project: FunctionProject): void => {
    if (entered.has(project)) return;
    entered.add(project);
    for (const name of project.manifest.calls ?? []) {
      const called = byName.get(name);
      if (called) visit(called);
    }
    ordered.add(project);
  };
  for (const project of projects) visit(project);
  return [...ordered];
}

async function deployOne(
  client: Client,
  project: FunctionProject,
  options: DeployOptions,
): Promise<FolderOutcome> {
  const { folder } = project;
  try {
    return { folder, outcome: await deployProject(client, project, options) };
  } catch (error) {
    const known = MocError.from(error);
    if (known.code === "MOC_UNREACHABLE" || known.code === "MOC_CANCELLED") throw known;
    return { folder, error: known };
  }
}

function refuseDoubleNames(projects: readonly FunctionProject[]): void {
  const folders = new Map<string, string>();
  for (const { manifest, folder } of projects) {
    const other = folders.get(manifest.name);
    if (other !== undefined) {
      throw new MocError(
        "MOC_CONFLICT",
        `${folder} and ${other} are both named "${manifest.name}": give one of them another name.`,
      );
    }
    folders.set(manifest.name, folder);
  }
}
