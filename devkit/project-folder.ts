import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The devkit's own folder in a project; it keeps itself out of git. */
export async function ownFolder(projectFolder: string): Promise<string> {
  const folder = join(projectFolder, ".moc");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, ".gitignore"), "*\n");
  return folder;
}
