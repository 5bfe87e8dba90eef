import { MocError } from "../runtime/protocol/errors.ts";
import { buildFor } from "./build-checked.ts";
import type { Client } from "./client.ts";
import { type DeployFailure, type DeploySuccess, deployBuilt } from "./deploy.ts";
import { type FunctionProject, readProject } from "./manifest.ts";

/** What happened to a function that is kept live. */
export type LiveEvent =
  | { readonly kind: "building"; readonly project: FunctionProject }
  | {
      readonly kind: "deployed";
      readonly project: FunctionProject;
      readonly outcome: DeploySuccess;
      /** From the last save to the new version answering, in ms. */
      readonly durationMs: number;
    }
  /** Told once for each different failure; the old version goes on serving. */
  | { readonly kind: "failed"; readonly project: FunctionProject; readonly outcome: DeployFailure }
  | { readonly kind: "error"; readonly folder: string; readonly error: MocError }
  /** The moc.json is gone; what is deployed stays until it is undeployed. */
  | { readonly kind: "gone"; readonly folder: string; readonly name: string };

/** How functions are kept live, and who is told. */
export interface LiveOptions {
  readonly onEvent: (event: LiveEvent) => void;
  readonly onProgress?: (message: string, fraction?: number) => void;
  /** Gives up what is being built, also at the start. */
  readonly signal?: AbortSignal;
}

interface Work {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** Keeps functions live: builds and deploys a folder when told; a newer request supersedes. */
export class LiveDeployer {
  readonly #client: Client;
  readonly #options: LiveOptions;
  readonly #works = new Map<string, Work>();
  /** What was told last of a folder, so that the same failure is told once. */
  readonly #told = new Map<string, string>();
  readonly #names = new Map<string, string>();

  constructor(client: Client, options: LiveOptions) {
    this.#client = client;
    this.#options = options;
  }

  /**
   * Something in the folder was saved. Settles when this, or the save that supersedes it, is done.
   * @param savedAt - performance.now() of the save; default: now
   */
  async saved(folder: string, savedAt = performance.now()): Promise<void> {
    this.#works.get(folder)?.abort.abort();
    const abort = new AbortController();
    const work = { abort, done: this.#run(folder, savedAt, abort.signal) };
    this.#works.set(folder, work);
    for (let last: Work | undefined = work; last; ) {
      await last.done;
      const present = this.#works.get(folder);
      last = present === last ? undefined : present;
    }
  }

  /** Gives up what is being built; what is being deployed is completed. */
  async close(): Promise<void> {
    const works = [...this.#works.values()];
    for (const { abort } of works) abort.abort();
    await Promise.all(works.map(({ done }) => done));
    this.#works.clear();
  }

  async #run(folder: string, savedAt: number, signal: AbortSignal): Promise<void> {
    try {
      const project = await readProject(folder);
      this.#names.set(folder, project.manifest.name);
      this.#options.onEvent({ kind: "building", project });
      const { onProgress } = this.#options;
      const build = await buildFor(this.#client, project, {
        signal,
        ...(onProgress && { onProgress }),
      });
      if (signal.aborted) return;
      if (!build.ok) return this.#tellFailure(project, build);
      const outcome = await deployBuilt(this.#client, project, build, {
        fresh: true,
        alongside: this.#names.values(),
      });
      this.#told.delete(folder);
      const durationMs = performance.now() - savedAt;
      this.#options.onEvent({ kind: "deployed", project, outcome, durationMs });
    } catch (error) {
      if (!signal.aborted) this.#tellError(folder, MocError.from(error));
    }
  }

  #tellFailure(project: FunctionProject, build: DeployFailure["build"]): void {
    const { folder, manifest } = project;
    if (!this.#isNew(folder, build.output)) return;
    const outcome: DeployFailure = { ok: false, name: manifest.name, build };
    this.#options.onEvent({ kind: "failed", project, outcome });
  }

  #tellError(folder: string, error: MocError): void {
    const name = this.#names.get(folder);
    const isGone = error.code === "MOC_NOT_FOUND" && error.message.includes("moc.json in ");
    if (!this.#isNew(folder, error.message)) return;
    if (isGone && name !== undefined) this.#options.onEvent({ kind: "gone", folder, name });
    else this.#options.onEvent({ kind: "error", folder, error });
  }

  #isNew(folder: string, text: string): boolean {
    if (this.#told.get(folder) === text) return false;
    this.#told.set(folder, text);
    return true;
  }
}
