import { availableParallelism } from "node:os";
import { MocError } from "../runtime/protocol/errors.ts";
import type { Client } from "./client.ts";
import { type DeployOptions, type DeployOutcome, deployProject } from "./deploy.ts";
import { findFunctions, noFunctionsIn } from "./find-functions.ts";
import type { FunctionProject } from "./manifest.ts";

/** What became of one function of several. */
export type FolderOutcome =
  | { readonly folder: string; readonly outcome: DeployOutcome }
  | { readonly folder: string; readonly error: MocError };

/** As for one function, and who is told meanwhile. */
export interface DeployAllOptions extends DeployOptions {
  /** Told as soon as each is done, in the order of that. */
  readonly onOutcome?: (outcome: FolderOutcome) => void;
}

/** Compilers that run at once: two keep a small machine busy without keeping it from answering. */
const DEPLOYS_AT_ONCE = Math.max(2, Math.floor(availableParallelism() / 2));

/** Languages that are live in no time go first, so that there is something to see. */
const QUICK = new Set(["javascript", "typescript", "static-site", "wat", "wgsl", "glsl"]);

/**
 * Deploys every function found below a folder, those that others call before them. One that fails does
 * not keep the others from being deployed. The answer is in the order in which they call each other.
 * @throws MocError MOC_NOT_FOUND (no function there), MOC_CONFLICT (a name twice), MOC_UNREACHABLE,
 * MOC_CANCELLED
 */
export async function deployAll(
  client: Client,
  folder: string,
  options: DeployAllOptions = {},
): Promise<readonly FolderOutcome[]> {
  const { projects, broken } = await findFunctions(folder);
  if (projects.length === 0 && broken.length === 0) {
    throw new MocError("MOC_NOT_FOUND", noFunctionsIn(folder));
  }
  refuseDoubleNames(projects);
  for (const one of broken) options.onOutcome?.(one);
  const ordered = callOrder(projects);
  const alongside = projects.map(({ manifest }) => manifest.name);
  const run = new DeployRun(client, { ...options, alongside }, ordered);
  return [...broken, ...(await run.all())];
}

/** Several deploys at once; each waits for those that it calls. */
class DeployRun {
  readonly #client: Client;
  readonly #options: DeployAllOptions;
  readonly #ordered: readonly FunctionProject[];
  readonly #outcomes = new Map<FunctionProject, Promise<FolderOutcome>>();
  #free = DEPLOYS_AT_ONCE;
  readonly #waiting: (() => void)[] = [];
  /** What makes going on senseless. */
  #fatal: MocError | undefined;

  constructor(client: Client, options: DeployAllOptions, ordered: readonly FunctionProject[]) {
    this.#client = client;
    this.#options = options;
    this.#ordered = ordered;
  }

  async all(): Promise<readonly FolderOutcome[]> {
    const quickFirst = [...this.#ordered].sort((a, b) => cost(a) - cost(b));
    for (const project of quickFirst) this.#outcome(project);
    const outcomes = await Promise.all(this.#ordered.map((project) => this.#outcome(project)));
    if (this.#fatal) throw this.#fatal;
    return outcomes;
  }

  #outcome(project: FunctionProject): Promise<FolderOutcome> {
    const outcome = this.#outcomes.get(project) ?? this.#run(project);
    this.#outcomes.set(project, outcome);
    return outcome;
  }

  async #run(project: FunctionProject): Promise<FolderOutcome> {
    const before = this.#ordered.slice(0, this.#ordered.indexOf(project));
    const called = before.filter((one) => project.manifest.calls?.includes(one.manifest.name));
    await Promise.all(called.map((one) => this.#outcome(one)));
    await this.#take();
    try {
      const outcome = await this.#deploy(project);
      if (!this.#fatal) this.#options.onOutcome?.(outcome);
      return outcome;
    } finally {
      this.#free++;
      this.#waiting.shift()?.();
    }
  }

  async #take(): Promise<void> {
    while (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#free--;
  }

  async #deploy(project: FunctionProject): Promise<FolderOutcome> {
    const { folder } = project;
    if (this.#fatal) return { folder, error: this.#fatal };
    try {
      return { folder, outcome: await deployProject(this.#client, project, this.#options) };
    } catch (error) {
      const known = MocError.from(error);
      if (known.code === "MOC_UNREACHABLE" || known.code === "MOC_CANCELLED") this.#fatal ??= known;
      return { folder, error: known };
    }
  }
}

function cost({ manifest }: FunctionProject): number {
  return QUICK.has(manifest.language) ? 0 : 1;
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
