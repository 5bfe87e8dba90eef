import type { Client } from "../devkit/client.ts";
import { type DeployOptions, type DeployOutcome, deployProject } from "../devkit/deploy.ts";
import { LiveDeployer, type LiveOptions } from "../devkit/live.ts";
import type { FunctionProject } from "../devkit/manifest.ts";

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

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  /** A file in the folder was saved; what comes of it is told by events. */
  async saved(folder: string): Promise<void> {
    if (this.#held.has(folder) || this.#suspended.has(folder)) return;
    const client = await this.#parts.ensure();
    await (await this.#deployerOf(client)).saved(folder);
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
    } finally {
      this.#held.delete(folder);
    }
  }

  /**
   * Builds and deploys now.
   * @throws MocError as deployProject
   */
  async deploy(project: FunctionProject, options: DeployOptions = {}): Promise<DeployOutcome> {
    return deployProject(await this.#parts.ensure(), project, options);
  }

  async close(): Promise<void> {
    const current = this.#deployer;
    this.#deployer = undefined;
    await current?.deployer.close();
  }

  /** A runtime that was started anew has a client of its own. */
  async #deployerOf(client: Client): Promise<LiveDeployer> {
    if (this.#deployer?.client === client) return this.#deployer.deployer;
    await this.close();
    const deployer = new LiveDeployer(client, this.#parts);
    this.#deployer = { client, deployer };
    return deployer;
  }
}
