import { join } from "node:path";
import type { FunctionProject } from "./manifest.ts";

/**
 * Tells what a custom build command writes from what its author writes, so that a build neither
 * starts the next one nor ends itself. What changes while a command runs waits for its end; what
 * changed during two builds running is a product, and is not looked at any more.
 */
export class BuildProducts {
  readonly #known = new Set<string>();
  readonly #during = new Map<string, Set<string>>();
  readonly #before = new Map<string, ReadonlySet<string>>();

  building({ folder, manifest }: FunctionProject): void {
    if (!manifest.build) return;
    this.#known.add(join(folder, manifest.build.output));
    if (!this.#during.has(folder)) this.#during.set(folder, new Set());
  }

  /** Whether a change is no reason to build, or not yet. */
  takes(folder: string, path: string): boolean {
    if (this.#known.has(path)) return true;
    const during = this.#during.get(folder);
    during?.add(path);
    return during !== undefined;
  }

  /** The command has ended; answers the files that changed meanwhile and may be sources. */
  built(folder: string): readonly string[] {
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
