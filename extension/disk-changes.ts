import { stat } from "node:fs/promises";
import { SourceRules } from "../devkit/source-rules.ts";

/** Changes that come together (a checkout, a formatter) are one. */
const QUIET_MS = 300;

interface DiskChangesParts {
  /** Folder of the live function that a path belongs to, if its changes are to be followed. */
  readonly folderOf: (path: string) => string | undefined;
  /** When what is in a folder was last taken for a build, as Unix time in ms; 0: never. */
  readonly builtAt: (folder: string) => Promise<number>;
  /** Sources of a function changed, and nobody has built them yet; `path` is one of them. */
  readonly onChange: (path: string) => void;
  /** Pause after a change, in ms. */
  readonly quietMs?: number;
}

interface Pending {
  readonly paths: Set<string>;
  readonly timer: NodeJS.Timeout;
}

/**
 * Finds out which changes on disk are not live yet: those of a checkout or of another program. What
 * the editor saved is told to it, too, but was built after it was written.
 */
export class DiskChanges {
  readonly #parts: DiskChangesParts;
  readonly #pending = new Map<string, Pending>();

  constructor(parts: DiskChangesParts) {
    this.#parts = parts;
  }

  /** A file came, changed or went. */
  changed(path: string): void {
    const folder = this.#parts.folderOf(path);
    if (folder === undefined) return;
    const known = this.#pending.get(folder);
    clearTimeout(known?.timer);
    const paths = known?.paths ?? new Set<string>();
    paths.add(path);
    const quiet = this.#parts.quietMs ?? QUIET_MS;
    this.#pending.set(folder, {
      paths,
      timer: setTimeout(() => void this.#settled(folder), quiet),
    });
  }

  dispose(): void {
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
  }

  async #settled(folder: string): Promise<void> {
    const { paths = [] } = this.#pending.get(folder) ?? {};
    this.#pending.delete(folder);
    const noticed = Date.now();
    const rules = new SourceRules(folder);
    await rules.load();
    const builtAt = await this.#parts.builtAt(folder);
    for (const path of paths) {
      if (!(await rules.isSource(path))) continue;
      if ((await changedAt(path, noticed)) <= builtAt) continue;
      this.#parts.onChange(path);
      return;
    }
  }
}

/** When a file got its content or its name; one that is gone: when that was noticed. */
async function changedAt(path: string, noticed: number): Promise<number> {
  return stat(path).then(
    ({ ctimeMs }) => ctimeMs,
    () => noticed,
  );
}
