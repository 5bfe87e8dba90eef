import { type FSWatcher, watch } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

interface TreeOptions {
  /** Whether a folder or file is worth watching. */
  readonly wants: (path: string) => boolean;
  /** Absolute path of a file or folder that was written, made or removed. */
  readonly onChange: (path: string) => void;
  readonly onError: (error: Error) => void;
}

/** Systems whose own interface watches a whole tree. */
const NATIVE = new Set(["darwin", "win32"]);

/**
 * Watches a folder and all below. Where the system has no recursive watching (inotify), each folder
 * is watched by itself: Node's own emulation watches files, and loses one that an editor replaces.
 */
export class TreeWatcher {
  readonly #options: TreeOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  #closed = false;

  constructor(options: TreeOptions) {
    this.#options = options;
  }

  /** @throws when the folder cannot be watched (no such folder, no more inotify watches) */
  async start(root: string): Promise<void> {
    if (NATIVE.has(process.platform)) this.#watch(root, true);
    else await this.#addFolder(root, false);
  }

  close(): void {
    this.#closed = true;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(folder: string, recursive: boolean): void {
    const watcher = watch(folder, { recursive });
    this.#watchers.set(folder, watcher);
    watcher.on("change", (_, name) => {
      const path = name === null ? folder : join(folder, String(name));
      if (!this.#options.wants(path)) return;
      this.#options.onChange(path);
      if (!recursive) void this.#lookAt(path);
    });
    watcher.on("error", (error: NodeJS.ErrnoException) => {
      this.#forget(folder);
      // A folder that was removed (EPERM on Windows) is not watched any more, that is all.
      if (error.code !== "ENOENT" && error.code !== "EPERM") this.#options.onError(error);
    });
  }

  /** A new folder is watched too; what is in it already has changed. */
  async #lookAt(path: string): Promise<void> {
    const facts = await stat(path).catch(() => undefined);
    if (!facts) this.#forget(path);
    if (!facts?.isDirectory() || this.#closed) return;
    // An inode that was replaced has another watcher: begin anew.
    this.#forget(path);
    await this.#addFolder(path, true).catch((error: Error) => this.#options.onError(error));
  }

  async #addFolder(folder: string, report: boolean): Promise<void> {
    if (this.#closed) return;
    this.#watch(folder, false);
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (!this.#options.wants(path)) continue;
      if (entry.isDirectory()) await this.#addFolder(path, report);
      else if (report) this.#options.onChange(path);
    }
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}
