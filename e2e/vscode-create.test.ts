import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Editor, eventually, fetchText, hasEditor, inWindow } from "./scenario.ts";

/** Of this machine alone, too, and not what is listened on otherwise. */
const HOST = "127.0.0.2";

describe("from an empty folder to a live function", () => {
  let editor: Editor | string = "not started";
  before(async () => {
    editor = await Editor.start({ settings: { "myOwnCluster.runtime.host": HOST } });
  });
  after(async () => {
    if (typeof editor !== "string") await editor[Symbol.asyncDispose]();
  });

  test("create from the palette, see the file, edit, save, fetch; errors come and go", async (t) => {
    if (!hasEditor(editor, t)) return;
    const current = editor;
    const folder = await current.workspace();
    await inWindow(
      current,
      folder,
      async (bench) => {
        const { page } = bench;
        await bench.command("Create Function");
        await bench.page
          .locator(".quick-input-list .monaco-list-row", { hasText: "TypeScript" })
          .first()
          .waitFor({ state: "attached" });
        await bench.picture("create-template", "editor-create");
        await bench.pick("JavaScript");
        await bench.quickInput().getByText("Name of the function").waitFor();
        await bench.quickInput().locator("input.input").fill("bad name!");
        await bench.quickInput().getByText("is no function name").waitFor();
        await bench.picture("create-name");
        await bench.enter("greet");
        await bench.pick("moc-ws-");
        await page.locator('.tab.active[aria-label*="index.js"]').waitFor();
        await bench
          .status()
          .getByText(/greet live|moc: \/greet/)
          .waitFor();
        await bench.picture("created");
        const instance = await current.instance();
        assert.equal(new URL(instance.url).hostname, HOST);
        const first = await fetchText(instance, "/greet");
        assert.ok(first.length > 0);

        const file = join(folder, "greet", "index.js");
        const source = 'export default { fetch: () => new Response("saved once") };\n';
        await bench.replaceText(source);
        await page.keyboard.press("Control+S");
        await eventually(async () =>
          assert.equal(await fetchText(instance, "/greet"), "saved once"),
        );
        assert.equal(await readFile(file, "utf8"), source);

        await bench.replaceText("export default { fetch: () => new Response( };\n");
        await page.keyboard.press("Control+S");
        await bench
          .status()
          .getByText(/build failed/)
          .waitFor();
        await bench.command("Problems: Focus on Problems View");
        await page.locator(".markers-panel .monaco-list-row", { hasText: "Unexpected" }).waitFor();
        await bench.picture("problems", "editor-problems");
        assert.equal(await fetchText(instance, "/greet"), "saved once");

        await writeFile(file, source.replace("once", "twice"));
        await page.locator(".tab", { hasText: "index.js" }).click();
        await bench.replaceText(source.replace("once", "twice"));
        await page.keyboard.press("Control+S");
        await eventually(async () =>
          assert.equal(await fetchText(instance, "/greet"), "saved twice"),
        );
        await page
          .locator(".markers-panel .monaco-list-row", { hasText: "Unexpected" })
          .waitFor({ state: "detached" });
        await bench
          .status()
          .getByText(/greet live|moc: \/greet/)
          .waitFor();
      },
      "create",
    );
  });
});
