/** Runs in an extension host without our extension: what the host takes for the same work. */
import { writeFile } from "node:fs/promises";
import { Uri, workspace } from "vscode";
import { editSource } from "./edit-source.ts";
import { settledMemory } from "./settled-memory.ts";

const SAVES = 5;

/** Opens, edits and saves the source, so that the editor's own extensions for it are there too. */
export async function run(path: string): Promise<void> {
  const [folder] = workspace.workspaceFolders ?? [];
  if (!folder) throw new Error("no folder is open");
  const file = Uri.joinPath(folder.uri, "hello", "index.js");
  for (let n = 0; n < SAVES; n++) await (await editSource(file, `export default ${n};\n`)).save();
  const figures = { "host rss MiB": await settledMemory() };
  await writeFile(`${path}.json`, JSON.stringify({ cases: [], figures, ended: true }));
}
