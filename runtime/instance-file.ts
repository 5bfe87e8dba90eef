import { chmod, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { InstanceFile } from "./protocol/model.ts";

const INSTANCE_FILE = "instance.json";

/** Writes `DATA/instance.json`, by which clients find the running instance; readable by its owner only. */
export async function writeInstanceFile(folder: string, instance: InstanceFile): Promise<void> {
  const path = join(folder, INSTANCE_FILE);
  const half = `${path}.${process.pid}.part`;
  // Readers must never see half a file, nor anybody else the token.
  await writeFile(half, `${JSON.stringify(instance, null, 2)}\n`, { mode: 0o600 });
  await chmod(half, 0o600);
  await rename(half, path);
}

/** Removes the file if it is still this process' own. */
export async function removeInstanceFile(folder: string): Promise<void> {
  const path = join(folder, INSTANCE_FILE);
  try {
    const instance: InstanceFile = JSON.parse(await readFile(path, "utf8"));
    if (instance.pid === process.pid) await rm(path, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
