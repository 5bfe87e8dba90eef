import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import type { Client } from "../devkit/client.ts";
import { readKey } from "../extension/keys/key-store.ts";
import { clientOf, Editor, eventually, fetchText } from "./scenario.ts";
import { stepsIn } from "./steps.ts";
import type { Workbench } from "./workbench.ts";

describe("a function in the editor", () => {
  let editor: Editor | string = "not started";
  let bench: Workbench | undefined;
  let client: Client | undefined;

  before(async () => {
    editor = await Editor.start();
    if (typeof editor === "string") return;
    bench = await editor.open(await editor.workspace({ hello: "javascript" }));
  });
  after(async () => {
    client?.close();
    await bench?.[Symbol.asyncDispose]();
    if (typeof editor !== "string") await editor[Symbol.asyncDispose]();
  });

  const step = stepsIn(() => ({ editor, bench }));

  step("right-click Deploy makes it live", async (bench, editor) => {
    await eventually(async () => {
      await bench.file("hello").click({ button: "right" });
      const item = bench.page.locator(".context-view .action-label", { hasText: "Deploy" });
      try {
        await item.waitFor({ timeout: 3000 });
        await bench.picture("context-menu");
        await item.click();
      } catch (error) {
        await bench.page.keyboard.press("Escape");
        throw error;
      }
    }, 60_000);
    await bench
      .status()
      .getByText(/hello live/)
      .waitFor();
    assert.match(await fetchText(await editor.instance(), "/hello"), /Hello, World!/);
  });

  step("invoke with a sample shows the answer, its log and its time", async (bench) => {
    await bench.command("Invoke with Sample Input");
    const page = await bench.webview(".request");
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".status.good", { hasText: "200" }).waitFor();
    await page.locator("pre", { hasText: "Hello, " }).waitFor();
    await bench.picture("invoke", "editor-invoke");
    await page.getByRole("tab", { name: /Timing/ }).click();
    await page.getByText("Round trip").waitFor();
    await page.getByRole("tab", { name: /Headers/ }).click();
    await page.locator("th", { hasText: "content-type" }).waitFor();
    await page.getByRole("tab", { name: /Body/ }).click();
  });

  step("an answer that is not 2xx is a result", async (bench) => {
    const page = await bench.webview(".request");
    await page.getByRole("combobox", { name: "Path", exact: true }).fill("/no-such-path");
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".status.bad", { hasText: "404" }).waitFor();
    await bench.picture("invoke-404");
  });

  step("a key is opened as a document, edited and saved back", async (bench, editor) => {
    client = clientOf(await editor.instance());
    await bench.showViews();
    await bench.unfold("Key-Value Store");
    await bench.row("Key-Value Store", "hello/").click();
    await bench.row("Key-Value Store", "visits").click();
    await bench.page.locator('.tab.active[aria-label*="visits"]').waitFor();
    const text = bench.page.locator(".editor-group-container.active .monaco-editor").first();
    await text.click();
    await bench.page.keyboard.press("Control+A");
    await bench.page.keyboard.type("41");
    await bench.page.keyboard.press("Control+S");
    const read = client;
    await eventually(async () => {
      const { value } = await readKey(read, Buffer.from("hello/visits"));
      assert.equal(new TextDecoder().decode(value), "41");
    });
    assert.match(await fetchText(await editor.instance(), "/hello"), /42/);
    await bench.unfold("Plugs and Filters");
    await bench.unfold("Runtime");
    await bench.row("Plugs and Filters", "/hello").waitFor();
    await bench.row("Runtime", "Address").waitFor();
    await bench.picture("views", "editor-views");
  });

  step("samples run as tests", async (bench) => {
    await bench.command("Test: Run All Tests");
    await bench.page.locator(".codicon-testing-passed-icon").nth(1).waitFor();
    await bench.picture("test-explorer");
  });

  step("the dashboard opens in a tab", async (bench) => {
    await bench.command("Open Dashboard");
    await bench.page.locator('.tab.active[aria-label*="My Own Cluster"]').waitFor();
    const page = await bench.webview("nav");
    await page.getByText("hello").first().waitFor();
    await bench.picture("dashboard", "editor-dashboard");
  });
});
