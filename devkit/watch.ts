import { stat } from "node:fs/promises";
import { basename, dirname, resolve, sep } from "node:path";
import { MocError } from "../runtime/protocol/errors.ts";
import { BuildProducts } from "./build-products.ts";
import type { Client } from "./client.ts";
import { findFunctions } from "./find-functions.ts";
import { LiveDeployer, type LiveEvent, type LiveOptions } from "./live.ts";
import { MANIFEST_FILE } from "./manifest.ts";
import { SourceRules } from "./source-rules.ts";
import { TreeWatcher } from "./tree-watcher.ts";

/** Several files changing together (a checkout, a formatter) are one save. */
const DEBOUNCE_MS = 50;
/**
 * A single file that has been quiet for so long was written whole: editors empty and fill it within a
 * millisecond. Should one take longer, the next event supersedes the build that began too soon.
 */
const SETTLE_MS = 5;

interface Watcher {
  /** Stops watching; what is being deployed is completed. */
  close(): Promise<void>;
}

/**
 * Watches the functions in a folder and below, deploys them all, and keeps them live.
 * @throws MocError MOC_NOT_FOUND (no such folder)
 */
export async function watch(
  client: Client,
  folder: string,
  options: LiveOptions,
): Promise<Watcher> {
  const watcher = new FunctionWatcher(client, resolve(folder), options);
  options.signal?.addEventListener("abort", () => void watcher.close(), { once: true });
  await watcher.start();
  return watcher;
}

interface Pending {
  readonly files: Set<string>;
  timer: NodeJS.Timeout;
  savedAt: number;
}

class FunctionWatcher implements Watcher {
  readonly #root: string;
  readonly #options: LiveOptions;
  readonly #deployer: LiveDeployer;
  readonly #rules: SourceRules;
  readonly #folders = new Set<string>();
  readonly #pending = new Map<string, Pending>();
  readonly #products = new BuildProducts();
  readonly #tree: TreeWatcher;

  constructor(client: Client, root: string, options: LiveOptions) {
    this.#root = root;
    this.#options = options;
    this.#rules = new SourceRules(root);
    this.#tree = new TreeWatcher({
      wants: (path) => this.#rules.mayBeSource(path),
      onChange: (path) => void this.#changed(path),
      onError: (error) => this.#report(error),
    });
    this.#deployer = new LiveDeployer(client, {
      ...options,
      onEvent: (event) => this.#onLiveEvent(event),
    });
  }

  async start(): Promise<void> {
    const { projects, broken } = await findFunctions(this.#root);
    await this.#rules.load();
    // Watched before the first build: a save meanwhile is not lost.
    await this.#tree.start(this.#root);
    for (const { folder } of [...projects, ...broken]) this.#folders.add(folder);
    if (this.#options.signal?.aborted) return this.close();
    await Promise.all([...this.#folders].map((folder) => this.#deployer.saved(folder)));
  }

  async close(): Promise<void> {
    this.#tree.close();
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
    await this.#deployer.close();
  }

  async #changed(path: string): Promise<void> {
    const at = performance.now();
    try {
      if (!(await this.#rules.isSource(path))) return;
      if (basename(path) === ".gitignore") await this.#rules.load();
      const folder = this.#functionOf(path);
      if (folder === undefined || this.#products.takes(folder, path)) return;
      this.#schedule(folder, path, at);
    } catch (error) {
      this.#report(error);
    }
  }

  /** The innermost function that a file belongs to; a new moc.json makes one. */
  #functionOf(path: string): string | undefined {
    if (basename(path) === MANIFEST_FILE) this.#folders.add(dirname(path));
    let innermost: string | undefined;
    for (const folder of this.#folders) {
      const inside = path.startsWith(folder + sep);
      if (inside && folder.length > (innermost?.length ?? 0)) innermost = folder;
    }
    return innermost;
  }

  #schedule(folder: string, path: string, savedAt: number): void {
    const pending = this.#pending.get(folder);
    clearTimeout(pending?.timer);
    const files = pending?.files ?? new Set();
    files.add(path);
    const quietMs = files.size > 1 ? DEBOUNCE_MS : SETTLE_MS;
    const timer = setTimeout(() => void this.#fire(folder), quietMs);
    this.#pending.set(folder, { files, timer, savedAt });
  }

  async #fire(folder: string): Promise<void> {
    const pending = this.#pending.get(folder);
    if (!pending) return;
    const { savedAt, files } = pending;
    const [only = ""] = files;
    // An editor that empties a file before it writes has not finished.
    if (files.size === 1 && performance.now() - savedAt < DEBOUNCE_MS && (await isEmpty(only))) {
      if (this.#pending.get(folder) !== pending) return;
      pending.timer = setTimeout(() => void this.#fire(folder), DEBOUNCE_MS - SETTLE_MS);
      return;
    }
    if (this.#pending.get(folder) !== pending) return;
    this.#pending.delete(folder);
    await this.#deployer.saved(folder, savedAt);
  }

  #onLiveEvent(event: LiveEvent): void {
    if (event.kind === "building") this.#products.building(event.project);
    else this.#onBuilt("project" in event ? event.project.folder : event.folder);
    if (event.kind === "gone") this.#folders.delete(event.folder);
    this.#options.onEvent(event);
  }

  /** What was saved while a custom build ran is built after it. */
  #onBuilt(folder: string): void {
    for (const path of this.#products.built(folder)) {
      this.#schedule(folder, path, performance.now());
    }
  }

  #report(error: unknown): void {
    this.#options.onEvent({ kind: "error", folder: this.#root, error: MocError.from(error) });
  }
}

async function isEmpty(file: string): Promise<boolean> {
  return stat(file).then(
    (facts) => facts.size === 0,
    () => false,
  );
}
