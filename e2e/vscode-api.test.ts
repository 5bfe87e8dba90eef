/** The extension's own behaviour, tested inside the extension host; and figures, printed, not judged. */
import { test } from "node:test";
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
});
