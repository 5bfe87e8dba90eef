/** The first minutes: an editor without a folder, the ways to a first function, the walkthrough. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { Editor, eventually, fetchText } from "./scenario.ts";
import { stepsIn } from "./steps.ts";
import { Workbench } from "./workbench.ts";

describe("the first minutes", () => {
  let editor: Editor | string = "not started";
  let bench: Workbench | undefined;
  let parent = "";

  before(async () => {
    editor = await Editor.start();
    if (typeof editor === "string") return;
    parent = await mkdtemp(join(tmpdir(), "moc-first-"));
    bench = await Workbench.open(editor.browser, `${editor.server.origin}/?ew=true`);
  });
  after(async () => {
    await bench?.[Symbol.asyncDispose]();
    if (typeof editor !== "string") await editor[Symbol.asyncDispose]();
    if (parent !== "") await rm(parent, { recursive: true, force: true });
  });

  const step = stepsIn(() => ({ editor, bench }));

  step("File > New offers a function", async (bench) => {
    // With our container there are our menus.
    await bench.showViews();
    await bench.command("Create: New File...");
    await bench.pick("Create Function");
    await bench.quickInput().getByText("Create Function").waitFor();
    await bench.page.keyboard.press("Escape");
  });

  step("the welcome view leads from no folder to a live function", async (bench, editor) => {
    await bench.showViews();
    await bench.picture("welcome");
    await bench.page
      .locator(".pane-body .monaco-button", { hasText: "Create Function" })
      .first()
      .click();
    await bench.pick("JavaScript");
    await bench.enter("first");
    await bench.pick("Choose another folder");
    await bench.page
      .locator(".quick-input-widget", { hasText: "Folder in which the function is made" })
      .waitFor();
    const input = bench.page.locator(".quick-input-widget input.input");
    const line = bench.page.locator(".quick-input-list .monaco-list-row");
    // What is typed before the dialog has read its first folder is lost.
    await line.nth(1).waitFor();
    await input.fill(`${parent}/`);
    await eventually(async () => assert.equal(await line.count(), 1, "only .. in the new folder"));
    await bench.page.locator(".quick-input-action .monaco-button", { hasText: "OK" }).click();
    await bench.page.locator('.tab.active[aria-label*="index.js"]').waitFor({ timeout: 60_000 });
    await bench
      .status()
      .getByText(/first live|moc: \/first/)
      .waitFor();
    await eventually(async () =>
      assert.match(await fetchText(await editor.instance(), "/first"), /Hello, World!/),
    );
    await bench.picture("first-live");
  });

  step("the walkthrough opens, and its steps are ticked off", async (bench) => {
    await bench.command("My Own Cluster: Open Walkthrough");
    const steps = bench.page.locator(".getting-started-step");
    await steps.first().waitFor();
    assert.equal(await steps.count(), 6);
    await bench.picture("walkthrough");
    await bench.command("My Own Cluster: Deploy All Functions");
    await bench.command("Invoke with Sample Input");
    // It opens beside: the walkthrough stays in view.
    await bench.page.locator('.tab.active[aria-label*="Invoke first"]').waitFor();
    await eventually(async () => {
      const done = await bench.page.locator(".getting-started-step .complete").count();
      assert.ok(done >= 2, `${done} steps are done`);
    });
  });
});
