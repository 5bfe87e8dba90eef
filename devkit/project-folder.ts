import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const NAME = ".moc";

/** The devkit's own folder in a project; it keeps itself out of git. */
export async function ownFolder(projectFolder: string): Promise<string> {
  const folder = join(projectFolder, NAME);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, ".gitignore"), "*\n");
  return folder;
}

/**
 * Puts a file for editors into the own folder, where it is missing or not the same. A project that
 * must not be written to (EROFS, EACCES) goes without it, not without a deploy.
 */
export async function refreshOwnFile(
  projectFolder: string,
  name: string,
  text: string,
): Promise<void> {
  const present = await readFile(join(projectFolder, NAME, name), "utf8").catch(() => undefined);
  if (present === text) return;
  try {
    await writeFile(join(await ownFolder(projectFolder), name), text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}
