import { readdir } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import type { Ignore } from "ignore";
import { isFile } from "./builders/source.ts";
import { gitIgnore, IGNORED_FOLDERS } from "./find-functions.ts";

/** Files that editors write beside what they save. */
const EDITOR_FILES = /(~|\.sw[a-z]|\.tmp|\.bak|\.part)$|^4913$|^\.#|^#.*#$/;

/** Which files below a folder are sources: not what git ignores, not what tools make. */
export class SourceRules {
  readonly #root: string;
  readonly #ignores = new Map<string, Ignore | undefined>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Reads the .gitignore files above and in the root; those below are read when a path needs them. */
  async load(): Promise<void> {
    this.#ignores.clear();
    for (let at = this.#root, parent = dirname(at); ; at = parent, parent = dirname(at)) {
      this.#ignores.set(at, await gitIgnore(at));
      const names: readonly string[] = await readdir(at).catch(() => []);
      if (names.includes(".git") || parent === at) break;
    }
  }

  /** @param path - absolute, in the root */
  async isSource(path: string): Promise<boolean> {
    if (!this.mayBeSource(path)) return false;
    for (const folder of this.#foldersOf(path)) {
      if (!this.#ignores.has(folder)) this.#ignores.set(folder, await gitIgnore(folder));
    }
    if (this.#isIgnored(path, "")) return false;
    // A rule that ends with a slash is for folders alone; one that is gone was one, most likely.
    return !this.#isIgnored(path, "/") || isFile(path);
  }

  #isIgnored(path: string, end: "" | "/"): boolean {
    return [...this.#ignores].some(([folder, rules]) => {
      const inner = relative(folder, path);
      if (!rules || inner === "" || inner.startsWith("..")) return false;
      return rules.ignores(inner.replaceAll("\\", "/") + end);
    });
  }

  /** The part of the answer that needs no file: folders and names that never hold sources. */
  mayBeSource(path: string): boolean {
    const parts = relative(this.#root, path).split(sep);
    return !parts.some((part) => IGNORED_FOLDERS.has(part)) && !EDITOR_FILES.test(basename(path));
  }

  #foldersOf(path: string): readonly string[] {
    const parts = relative(this.#root, dirname(path)).split(sep);
    const folders: string[] = [];
    for (let i = 1; i <= parts.length; i++) folders.push(join(this.#root, ...parts.slice(0, i)));
    return folders;
  }
}
