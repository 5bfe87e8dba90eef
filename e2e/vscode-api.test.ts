/** The extension's own behaviour, tested inside the extension host; and figures, printed, not judged. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { HostReport } from "../extension/host-tests/report.ts";
import { HOST_TEST_ARGS, installedExtension, runInHost } from "./extension-host.ts";
import { Editor, hasEditor } from "./scenario.ts";

test("in the extension host", async (t) => {
  const started = await Editor.start({ args: HOST_TEST_ARGS });
  if (!hasEditor(started, t)) return;
  await using editor = started;
  const folder = await editor.workspace({ hello: "javascript" });
  const report = await runInHost(editor, "run.ts", folder, await installedExtension(editor));
  for (const { name, error, ms } of report.cases) {
    await t.test(name, (inner) => {
      inner.diagnostic(`${Math.round(ms)} ms`);
      if (error !== undefined) throw new Error(error);
    });
  }
  for (const [name, value] of Object.entries(report.figures)) {
    t.diagnostic(`${name}: ${value.toFixed(1)}`);
  }
  const bare = await hostAlone(editor);
  t.diagnostic(`host rss MiB without the extension: ${bare.toFixed(1)}`);
});

/** Memory of an extension host that did the same edits, without our extension. */
async function hostAlone(editor: Editor): Promise<number> {
  const folder = await editor.workspace({ hello: "javascript" });
  // Without it our extension stays asleep.
  await rm(join(folder, "hello", "moc.json"));
  const extension = join(editor.server.base, "nothing");
  await mkdir(extension);
  const manifest = {
    name: "nothing",
    publisher: "none",
    version: "0.0.1",
    engines: { vscode: "*" },
  };
  await writeFile(join(extension, "package.json"), JSON.stringify(manifest));
  const report: HostReport = await runInHost(editor, "memory.ts", folder, extension);
  return report.figures["host rss MiB"] ?? 0;
}
