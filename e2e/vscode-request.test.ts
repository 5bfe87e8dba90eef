/** The request editor in a real editor: everything that is clicked in it. */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import type { FrameLocator } from "playwright-core";
import { enterPath } from "./enter-path.ts";
import { Editor, eventually } from "./scenario.ts";
import { stepsIn } from "./steps.ts";
import type { Workbench } from "./workbench.ts";

const SOURCE = `
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVQI12P8z8DAwMDAxMDAwMDAAAANHQEDasKb6QAAAABJRU5ErkJggg==";
export default {
  async fetch(request, env) {
    const what = env.params.rest;
    console.log("asked for " + what);
    if (what === "image") {
      const bytes = Uint8Array.from(atob(PNG), (c) => c.charCodeAt(0));
      return new Response(bytes, { headers: { "content-type": "image/png" } });
    }
    if (what === "bytes") return new Response(Uint8Array.from([0, 1, 254, 255]));
    if (what === "slow") await new Promise((resolve) => setTimeout(resolve, 25000));
    if (what === "fail") throw new Error("on purpose");
    if (what === "echo") return new Response(await request.text());
    const count = Number((await env.kv.get("lab/count")) ?? "0") + 1;
    await env.kv.put("lab/count", String(count));
    return Response.json({ count, what });
  },
};
`;

describe("the request editor", () => {
  let editor: Editor | string = "not started";
  let bench: Workbench | undefined;
  let folder = "";

  before(async () => {
    editor = await Editor.start();
    if (typeof editor === "string") return;
    folder = await editor.workspace();
    await mkdir(join(folder, "lab"));
    const plugs = [{ method: "*", path: "/lab/*rest" }];
    const manifest = { name: "lab", language: "javascript", plugs };
    await writeFile(join(folder, "lab/moc.json"), JSON.stringify(manifest));
    await writeFile(join(folder, "lab/index.js"), SOURCE);
    bench = await editor.open(folder);
  });
  after(async () => {
    await bench?.[Symbol.asyncDispose]();
    if (typeof editor !== "string") await editor[Symbol.asyncDispose]();
  });

  const windowStep = stepsIn(() => ({ editor, bench }));
  function step(name: string, run: (bench: Workbench, page: FrameLocator) => Promise<void>): void {
    windowStep(name, (bench) =>
      run(bench, bench.page.frameLocator("iframe.webview.ready").frameLocator("#active-frame")),
    );
  }

  step("a function that is not live yet is deployed when it is called", async (bench) => {
    await bench.command("Invoke with Sample Input");
    const page = await bench.webview(".request");
    await page.getByRole("textbox", { name: "rest" }).fill("json");
    await send(page, "200");
    await page.locator("pre[data-view=json]", { hasText: '"count": 1' }).waitFor();
    await page.getByRole("tab", { name: /Log/ }).click();
    await page.locator(".log li", { hasText: "asked for json" }).waitFor();
    assert.equal(await page.locator(".log li").count(), 1, "the call's own lines, and no others");
  });

  step("tabs are walked with the arrow keys", async (bench, page) => {
    await page.getByRole("tab", { name: /Log/ }).press("ArrowRight");
    await page.getByText("Round trip").waitFor();
    await page.locator("[role=tab]:focus", { hasText: "Timing" }).waitFor();
    await bench.page.keyboard.press("Home");
    await page.locator("pre[data-view=json]").waitFor();
  });

  step("an answer is compared with the one before", async (bench, page) => {
    await send(page, "200");
    await page.locator("pre[data-view=json]", { hasText: '"count": 2' }).waitFor();
    await page.getByRole("button", { name: "Compare with Previous" }).click();
    await bench.page.locator('.tab.active[aria-label*="previous 200"]').waitFor();
    const diff = bench.page.locator(".monaco-diff-editor");
    await diff.locator(".view-line", { hasText: '"count": 1' }).first().waitFor();
    await diff.locator(".view-line", { hasText: '"count": 2' }).first().waitFor();
    await bench.picture("request-compare");
    await bench.page.keyboard.press("Control+W");
  });

  step("images are shown, bytes as hex", async (bench, page) => {
    await page.getByRole("textbox", { name: "rest" }).fill("image");
    await send(page, "200");
    const image = page.locator("#tab-panel img");
    await image.waitFor();
    assert.ok(await image.evaluate((one) => (one as HTMLImageElement).naturalWidth > 0));
    await bench.picture("request-image");
    await page.getByRole("button", { name: "Hex" }).click();
    await page.locator("pre[data-view=hex]", { hasText: "89 50 4e 47" }).waitFor();
    await page.getByRole("textbox", { name: "rest" }).fill("bytes");
    await send(page, "200");
    await page.locator("pre[data-view=hex]", { hasText: "00 01 fe ff" }).waitFor();
    await page.locator(".fact", { hasText: "4 B" }).waitFor();
  });

  step("a call is cancelled, and the keyboard stays where it was", async (bench, page) => {
    await page.getByRole("textbox", { name: "rest" }).fill("slow");
    await page.getByRole("button", { name: "Send" }).press("Enter");
    await page.locator("button:focus", { hasText: "Cancel" }).waitFor();
    await bench.page.keyboard.press("Enter");
    await page.getByText("The request was cancelled.").waitFor();
    await page.locator("button:focus", { hasText: "Send" }).waitFor();
  });

  step("a recent call brings its request and its answer back", async (_bench, page) => {
    await page.getByRole("combobox", { name: "Recent calls" }).selectOption({ index: 3 });
    await page.locator("pre[data-view=json]", { hasText: '"count": 2' }).waitFor();
    assert.equal(await page.getByRole("textbox", { name: "rest" }).inputValue(), "json");
  });

  step("a file is sent as the body", async (bench, page) => {
    await writeFile(join(folder, "lab/told.txt"), "what the file tells");
    await page.getByRole("textbox", { name: "rest" }).fill("echo");
    await page.getByRole("combobox", { name: "Method" }).selectOption("POST");
    await page.getByRole("combobox", { name: "Kind of body" }).selectOption({ label: "File" });
    await page.getByRole("button", { name: "Choose…" }).click();
    await bench.pick("told.txt");
    const field = page.getByRole("textbox", { name: "File, relative to the samples folder" });
    await eventually(async () => assert.equal(await field.inputValue(), "../told.txt"));
    await send(page, "200");
    await page.locator("pre", { hasText: "what the file tells" }).waitFor();
  });

  step("it is saved as a sample, with what it answered", async (bench, page) => {
    await page.getByRole("button", { name: "Save as Sample" }).click();
    await bench.enter("tells");
    await eventually(async () => {
      const text = await readFile(join(folder, "lab/samples/tells.json"), "utf8");
      assert.deepEqual(JSON.parse(text), {
        method: "post",
        path: "/lab/*rest",
        pathParams: { rest: "echo" },
        bodyFile: "../told.txt",
        expect: { status: 200 },
      });
    });
    await page
      .getByRole("combobox", { name: "Sample inputs" })
      .locator("option", { hasText: "tells" })
      .waitFor({ state: "attached" });
  });

  step("its body is saved as a file", async (bench, page) => {
    await page.getByRole("button", { name: "Save…" }).click();
    await bench.quickInput().getByText("Save Body").waitFor();
    await enterPath(bench, join(folder, "kept.txt"));
    await eventually(async () => {
      assert.equal(await readFile(join(folder, "kept.txt"), "utf8"), "what the file tells");
    });
  });

  step("an error opens its source at the line", async (bench, page) => {
    const line = SOURCE.split("\n").findIndex((one) => one.includes("on purpose")) + 1;
    await page.getByRole("textbox", { name: "rest" }).fill("fail");
    await send(page, "500");
    await page.getByRole("button", { name: `Open index.js:${line}` }).click();
    await bench.page.locator('.tab.active[aria-label*="index.js"]').waitFor();
    await bench.page.locator(".statusbar-item", { hasText: `Ln ${line},` }).waitFor();
    await bench.command("View: Close Editor");
    await page.locator(".request").waitFor();
  });

  step("a sample that was edited can be chosen again", async (_bench, page) => {
    const samples = page.getByRole("combobox", { name: "Sample inputs" });
    const rest = page.getByRole("textbox", { name: "rest" });
    await rest.fill("something else");
    await samples.locator("option:checked", { hasText: "edited: tells" }).waitFor({
      state: "attached",
    });
    await samples.selectOption({ label: "tells" });
    await eventually(async () => assert.equal(await rest.inputValue(), "echo"));
  });

  step("its curl command is copied", async (bench, page) => {
    await page.getByRole("button", { name: "Copy curl" }).click();
    await eventually(async () => {
      const text = await bench.page.evaluate(() => navigator.clipboard.readText());
      assert.match(text, /^curl .*--request POST .*@\S*lab\/told\.txt.*\/lab\/echo/);
    });
  });

  step("what was typed is kept when the editor is closed", async (bench, page) => {
    await page.getByRole("textbox", { name: "rest" }).fill("kept");
    await bench.command("View: Close All Editors");
    await bench.command("Invoke with Sample Input");
    const again = await bench.webview(".request");
    assert.equal(await again.getByRole("textbox", { name: "rest" }).inputValue(), "kept");
  });

  step("a reload of the window brings the editor back, ready to send", async (bench) => {
    await bench.command("Developer: Reload Window");
    await bench.page.locator(".monaco-workbench").waitFor({ state: "detached" });
    await bench.ready();
    const page = await bench.webview(".request");
    assert.equal(await page.getByRole("textbox", { name: "rest" }).inputValue(), "kept");
    await page.getByRole("button", { name: "Save as Sample" }).waitFor();
    await page.getByRole("combobox", { name: "Kind of body" }).selectOption({ label: "No body" });
    await send(page, "200");
    await page.locator("pre[data-view=json]", { hasText: '"what": "kept"' }).waitFor();
    await page.getByRole("combobox", { name: "Recent calls" }).waitFor();
  });

  step("in a narrow window request and answer stand below each other", async (bench, page) => {
    await bench.page.setViewportSize({ width: 800, height: 900 });
    await page.locator("pre[data-view=json]").waitFor();
    const width = await page
      .locator("body")
      .evaluate((body) => body.scrollWidth - body.clientWidth);
    assert.ok(width <= 0, `${width} pixels are cut off`);
    await bench.picture("request-narrow");
    await bench.page.setViewportSize({ width: 1280, height: 800 });
  });

  step("a sample that fails shows what was expected in the Test Explorer", async (bench) => {
    const expect = { status: 200, json: { count: "many" } };
    const sample = { method: "get", path: "/lab/json", expect };
    await writeFile(join(folder, "lab/samples/fails.json"), JSON.stringify(sample, null, 2));
    await bench.command("View: Close All Editors");
    await bench.openFile("lab/samples/fails.json");
    await bench.command("Test: Run All Tests");
    await bench.page.locator(".codicon-testing-failed-icon").first().waitFor();
    // The editor opens it by itself, unless the first run of a window is too quick for it.
    await bench.command("Focus on Test Results View");
    await bench.page
      .locator(".test-output-peek-tree .monaco-list-row", { hasText: "fails" })
      .click();
    const diff = bench.page.locator(".monaco-diff-editor");
    await diff.locator(".view-line", { hasText: '"many"' }).first().waitFor();
    const other = diff.locator(".view-line", { hasText: '"what"' });
    assert.equal(await other.count(), 0, "what nobody expects is no difference");
    await bench.picture("test-failure");
  });
});

async function send(page: FrameLocator, status: string): Promise<void> {
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("button", { name: "Send" }).waitFor();
  await page.locator(".status", { hasText: status }).waitFor();
}
