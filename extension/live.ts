import type { Client } from "../devkit/client.ts";
import type { DeployOptions, DeployOutcome } from "../devkit/deploy.ts";
import type { LiveDeployer, LiveOptions } from "../devkit/live.ts";
import { type FunctionProject, readProject } from "../devkit/manifest.ts";

interface LiveParts extends LiveOptions {
  /** The runtime's client, after starting it if need be. */
  readonly ensure: () => Promise<Client>;
}

/** Makes functions live: on save through the devkit's deployer, on demand at once. */
export class Live {
  readonly #parts: LiveParts;
  #deployer: { readonly client: Client; readonly deployer: LiveDeployer } | undefined;
  /** Folders whose saves are deployed by somebody else. */
  readonly #held = new Set<string>();
  /** Folders whose saves wait: their functions are being debugged. */
  readonly #suspended = new Set<string>();
  /** What follows from the last save, by folder. */
  readonly #following = new Map<string, Promise<unknown>>();
  /** When a folder's files were last read for a build, as Unix time in ms. */
  readonly #builtAt = new Map<string, number>();

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  /** A file in the folder was saved; what comes of it is told by events. */
  async saved(folder: string): Promise<void> {
    if (this.#held.has(folder) || this.#suspended.has(folder)) return;
    const client = await this.#parts.ensure();
    const deployer = await this.#deployerOf(client);
    await this.#building(folder, () => deployer.saved(folder));
  }

  /** Does what follows from a save in a folder, or deploys it; {@link settled} waits for it. */
  async following<T>(folder: string, work: () => Promise<T>): Promise<T> {
    const following = work();
    this.#following.set(folder, following);
    try {
      return await following;
    } finally {
      if (this.#following.get(folder) === following) this.#following.delete(folder);
    }
  }

  /** Settles when what was saved in a folder is live, or failed to be. */
  async settled(folder: string): Promise<void> {
    // Whoever saved hears of a failure.
    await this.#following.get(folder)?.catch(() => undefined);
  }

  /** When a folder's files were last read for a build by this window, as Unix time in ms; 0: never. */
  builtAt(folder: string): number {
    return this.#builtAt.get(folder) ?? 0;
  }

  /** Saves in a folder are not deployed until it is resumed. */
  suspend(folder: string): void {
    this.#suspended.add(folder);
  }

  resume(folder: string): void {
    this.#suspended.delete(folder);
  }

  isSuspended(folder: string): boolean {
    return this.#suspended.has(folder);
  }

  /** Saves files of a folder of which a deploy follows anyway. */
  async holding(folder: string, save: () => Promise<void>): Promise<void> {
    this.#held.add(folder);
    try {
      await save();
      // Should that deploy be stopped before it builds, what was saved waits for the next one.
      this.#builtAt.set(folder, Date.now());
    } finally {
      this.#held.delete(folder);
    }
  }

  /**
   * Builds and deploys now.
   * @throws MocError as deployProject
   */
  async deploy(project: FunctionProject, options: DeployOptions = {}): Promise<DeployOutcome> {
    const { deployProject } = await import("../devkit/deploy.ts");
    const client = await this.#parts.ensure();
    const { folder } = project;
    return this.following(folder, () =>
      this.#building(folder, () => deployProject(client, project, options)),
    );
  }

  async close(): Promise<void> {
    const current = this.#deployer;
    this.#deployer = undefined;
    await current?.deployer.close();
  }

  async #building<T>(folder: string, work: () => Promise<T>): Promise<T> {
    this.#builtAt.set(folder, Date.now());
    const result = await work();
    const project = await readProject(folder).catch(() => undefined);
    // A command of the user's own may have written among the sources: that is no change of theirs.
    if (project?.manifest.build) this.#builtAt.set(folder, Date.now());
    return result;
  }

  /** A runtime that was started anew has a client of its own. */
  async #deployerOf(client: Client): Promise<LiveDeployer> {
    const { LiveDeployer } = await import("../devkit/live.ts");
    const current = this.#deployer;
    if (current?.client === client) return current.deployer;
    const deployer = new LiveDeployer(client, this.#parts);
    // Before anything is waited for: saves that come together have one deployer.
    this.#deployer = { client, deployer };
    await current?.deployer.close();
    return deployer;
  }
}
