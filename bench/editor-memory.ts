/** What our extension takes of the extension host's memory, beside the editor's own for the same work. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HOST_TEST_ARGS, installedExtension, runInHost } from "../e2e/extension-host.ts";
import { Editor } from "../e2e/scenario.ts";
import type { Report } from "./report.ts";

const LIMIT_MIB = 40;

/** Measures in windows of their own: five saves with the extension, and the same without. */
export async function measureEditorMemory(report: Report): Promise<void> {
  const editor = await Editor.start({ args: HOST_TEST_ARGS });
  // Why there is none was said before.
  if (typeof editor === "string") return;
  await using _ = editor;
  const { value, note } = await measured(editor);
  report.add({
    group: "editor",
    name: "memory of the extension host, with minus without",
    value,
    unit: "MiB",
    target: { sense: "at most", limit: LIMIT_MIB, of: "issue" },
    note,
  });
}

async function measured(editor: Editor): Promise<{ value: number; note: string }> {
  const folder = await editor.workspace({ hello: "javascript" });
  const given = await hostMemory(editor, folder, await installedExtension(editor));
  const other = await editor.workspace({ hello: "javascript" });
  // Without it our extension stays asleep.
  await rm(join(other, "hello", "moc.json"));
  const bare = await hostMemory(editor, other, await emptyExtension(editor));
  return { value: given - bare, note: `${given.toFixed(0)} - ${bare.toFixed(0)}` };
}

/** Resident memory in MiB once it has settled. */
async function hostMemory(editor: Editor, folder: string, extension: string): Promise<number> {
  const { figures } = await runInHost(editor, "memory.ts", folder, extension);
  return figures["host rss MiB"] ?? Number.NaN;
}

/** The editor runs tests of an extension only: one that does nothing. */
async function emptyExtension(editor: Editor): Promise<string> {
  const folder = join(editor.server.base, "nothing");
  await mkdir(folder);
  const manifest = {
    name: "nothing",
    publisher: "none",
    version: "0.0.1",
    engines: { vscode: "*" },
  };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  return folder;
}
