import { join } from "node:path";
import type { FunctionProject } from "./manifest.ts";

/** What a language's own tool writes beside the sources while it builds. */
const LOCK_FILES: Readonly<Record<string, readonly string[]>> = { rust: ["Cargo.lock"] };

/**
 * Tells what a custom build command writes from what its author writes, so that a build neither
 * starts the next one nor ends itself. What changes while a command runs waits for its end; what
 * changed during two builds running is a product, and is not looked at any more.
 */
export class BuildProducts {
  readonly #known = new Set<string>();
  /** Files that the compilers running now keep up with the manifest of their language. */
  readonly #locks = new Map<string, ReadonlySet<string>>();
  readonly #during = new Map<string, Set<string>>();
  readonly #before = new Map<string, ReadonlySet<string>>();

  building({ folder, manifest }: FunctionProject): void {
    if (!manifest.build) {
      const locks = LOCK_FILES[manifest.language] ?? [];
      this.#locks.set(folder, new Set(locks.map((name) => join(folder, name))));
      return;
    }
    this.#known.add(join(folder, manifest.build.output));
    if (!this.#during.has(folder)) this.#during.set(folder, new Set());
  }

  /** Whether a change is no reason to build, or not yet. */
  takes(folder: string, path: string): boolean {
    if (this.#known.has(path) || this.#locks.get(folder)?.has(path)) return true;
    const during = this.#during.get(folder);
    during?.add(path);
    return during !== undefined;
  }

  /** The command has ended; answers the files that changed meanwhile and may be sources. */
  built(folder: string): readonly string[] {
    this.#locks.delete(folder);
    const during = this.#during.get(folder);
    if (!during) return [];
    this.#during.delete(folder);
    const before = this.#before.get(folder);
    for (const path of during) {
      if (before?.has(path)) this.#known.add(path);
    }
    this.#before.set(folder, during);
    return [...during].filter((path) => !this.#known.has(path));
  }
}
