/**
 * Who still needs a runtime: one file per window in a folder beside the data, named by the process
 * that wrote it. The runtime ends itself when none of them lives (keeper.ts), so neither a killed
 * window nor a reload needs to be told apart from outside.
 */
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isAlive } from "../../devkit/is-alive.ts";

/** Folder of the leases of a data folder. */
export function leaseFolder(dataFolder: string): string {
  return `${dataFolder}.windows`;
}

/** Declares that this process needs the runtime. */
export async function takeLease(folder: string, pid = process.pid): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, String(pid)), "");
}

/** Declares that it does not any more. */
export async function giveLease(folder: string, pid = process.pid): Promise<void> {
  await rm(join(folder, String(pid)), { force: true });
}

/** Number of living holders; the files of dead ones are removed. */
export async function livingLeases(folder: string): Promise<number> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  let living = 0;
  for (const name of names) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid <= 0) continue;
    if (isAlive(pid)) living++;
    else await giveLease(folder, pid);
  }
  return living;
}
