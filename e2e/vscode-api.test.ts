/** The extension's own behaviour, tested inside the extension host; and figures, printed, not judged. */
import { test } from "node:test";
import { HOST_TEST_ARGS, installedExtension, runInHost } from "./extension-host.ts";
import { Editor, hasEditor } from "./scenario.ts";

/** What the editor would do besides, and which nothing here is about. */
const LEAN = {
  "breadcrumbs.enabled": false,
  "editor.minimap.enabled": false,
  "editor.occurrencesHighlight": "off",
  "editor.semanticHighlighting.enabled": false,
  "explorer.autoReveal": false,
  "html.validate.scripts": false,
  "javascript.suggest.enabled": false,
  "javascript.validate.enable": false,
  "typescript.suggest.enabled": false,
  "typescript.validate.enable": false,
  "terminal.integrated.shellIntegration.enabled": false,
  "workbench.editor.showTabs": "none",
};

test("in the extension host", async (t) => {
  const started = await Editor.start({ args: HOST_TEST_ARGS, settings: LEAN });
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
