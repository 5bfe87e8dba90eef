/** Runs in an extension host with our extension or without it: what the host takes for the same work. */
import { writeFile } from "node:fs/promises";
import { extensions, Uri, workspace } from "vscode";
import type { Activation } from "../main.ts";
import type { Parts } from "../parts.ts";
import { editSource } from "./edit-source.ts";
import { settledMemory } from "./settled-memory.ts";

const SAVES = 5;

/**
 * Opens, edits and saves the source, so that the editor's own extensions for it are there too; where
 * ours is under test, each save is deployed.
 */
export async function run(path: string): Promise<void> {
  const [folder] = workspace.workspaceFolders ?? [];
  if (!folder) throw new Error("no folder is open");
  const parts = await oursAtWork(folder.uri);
  const file = Uri.joinPath(folder.uri, "hello", "index.js");
  for (let n = 0; n < SAVES; n++) {
    await (
      await editSource(file, `export default { fetch: () => new Response("${n}") };\n`)
    ).save();
    await parts?.live.saved(Uri.joinPath(folder.uri, "hello").fsPath);
  }
  const figures = { "host rss MiB": await settledMemory() };
  await parts?.runtime.stop();
  await writeFile(`${path}.json`, JSON.stringify({ cases: [], figures, ended: true }));
}

/** Where the folder holds a function our extension is under test; elsewhere it stays asleep. */
async function oursAtWork(root: Uri): Promise<Parts | undefined> {
  const isThere = await workspace.fs.stat(Uri.joinPath(root, "hello", "moc.json")).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const ours = extensions.getExtension<Activation>("my-own-cluster.my-own-cluster");
  const parts = (await ours?.activate())?.parts;
  if (!parts) throw new Error("the extension is not under test");
  await parts.runtime.ensure();
  return parts;
}
