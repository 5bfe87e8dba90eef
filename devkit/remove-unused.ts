import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * Removes the files in a folder of a cache, and in its folders, that nobody has written or read for so
 * long. Where the system does not note reads, what is still in use is made again.
 * @param keptMs - ms since the last use
 */
export async function removeUnused(folder: string, keptMs: number): Promise<void> {
  const before = Date.now() - keptMs;
  // Without the folder, or where another process was faster, there is nothing to remove.
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of names) {
    const file = join(folder, name);
    const facts = await stat(file).catch(() => undefined);
    if (!facts?.isFile() || Math.max(facts.mtimeMs, facts.atimeMs) >= before) continue;
    await rm(file, { force: true });
  }
}
