import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Runs work in a folder of its own, which goes afterwards. Who waits for the result does not wait for
 * that: it takes as long as reading a small artefact.
 */
export async function inTemporaryFolder<T>(
  prefix: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  try {
    return await work(folder);
  } finally {
    // What cannot be removed is left to the system, whose folder it lies in.
    rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

/**
 * Reads what a compiler has just written, at once: it lies in the system's cache, and a read of
 * several megabytes in the background waits for its turn again and again.
 */
export function readOutput(file: string): Uint8Array {
  return readFileSync(file);
}
