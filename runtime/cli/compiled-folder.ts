import { join } from "node:path";
import { cacheFolder } from "../../devkit/cache-folder.ts";
import { removeUnused } from "../../devkit/remove-unused.ts";

/** Each release of this program and of Node.js leaves files of its own there. */
const KEPT_MS = 30 * 24 * 3600_000;

/** While a runtime starts it has other work, in ms. */
const PRUNE_AFTER_MS = 60_000;

/** Where V8 keeps what it compiled of this program's code. */
export function compiledFolder(): string {
  return join(cacheFolder(), "compiled");
}

/** Removes what was not used for a month, once the runtime has started. */
export function pruneCompiledLater(): void {
  setTimeout(() => {
    // A cache that cannot be read or written costs time, nothing else.
    removeUnused(compiledFolder(), KEPT_MS).catch(() => undefined);
  }, PRUNE_AFTER_MS).unref();
}
