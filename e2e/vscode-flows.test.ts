/** The less trodden ways: from no function at all to shaders and programs, each by its own button. */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import type { FrameLocator } from "playwright-core";
import { clientOf, Editor, eventually } from "./scenario.ts";
import { stepsIn } from "./steps.ts";
import { wasiTool } from "./wasi-tool.ts";
import type { Workbench } from "./workbench.ts";

const GLSL = `#version 450
layout(local_size_x = 8, local_size_y = 8) in;
layout(rgba32f, binding = 0) uniform writeonly image2D picture;
void main() {
  imageStore(picture, ivec2(gl_GlobalInvocationID.xy), vec4(0.5, missing, 0.2, 1.0));
}
`;

describe("the less trodden ways", () => {
  let editor: Editor | string = "not started";
  let bench: Workbench | undefined;
  let folder = "";

  before(async () => {
    editor = await Editor.start();
    if (typeof editor === "string") return;
    folder = await editor.workspace();
    bench = await editor.open(folder);
  });
  after(async () => {
    await bench?.[Symbol.asyncDispose]();
    if (typeof editor !== "string") await editor[Symbol.asyncDispose]();
  });
  const step = stepsIn(() => ({ editor, bench }));

  step("who deploys without a function is offered to create one", async (bench) => {
    await bench.showViews();
    await bench.status().waitFor();
    await bench.command("Deploy All Functions");
    const toast = bench.toast("There is no function here yet.");
    await toast.getByRole("button", { name: "Create Function…" }).click();
    await bench.quickInput().getByText("Create Function (1/3)").waitFor();
    // What most can read comes first.
    const [first] = await bench.page
      .locator(".quick-input-list .monaco-list-row")
      .allTextContents();
    assert.match(first ?? "", /^JavaScript/);
    await bench.page.keyboard.press("Escape");
  });

  step("the view's title creates a function, whose file keeps its tab", async (bench) => {
    const header = bench.page.locator('.pane-header[aria-label*="Functions"]');
    await header.hover();
    await header.getByRole("button", { name: "Create Function" }).click();
    await bench.enterByKeys("WGSL", /GPU shader/);
    await bench.quickInput().getByText("Name of the function").waitFor();
    await bench.enter("plasma");
    await bench.pick("moc-ws-");
    await bench.page.locator('.tab.active[aria-label*="shader.wgsl"]').waitFor();
    await live(bench, "plasma");
    await bench.row("Functions", "plasma").waitFor();
    assert.equal(await bench.page.locator(".tab.active .italic").count(), 0, "a preview tab");
  });

  step("the editor's title deploys", async (bench, editor) => {
    const client = clientOf(await editor.instance());
    try {
      const file = join(folder, "plasma/shader.wgsl");
      const text = await readFile(file, "utf8");
      await writeFile(file, text.replace("0.5 +", "0.4 +"));
      const revision = async (): Promise<number | undefined> =>
        (await client.call("name", { path: { name: "plasma" } })).name.history.length;
      const before = await revision();
      await bench.page
        .getByRole("button", { name: /^Deploy/ })
        .first()
        .click();
      await eventually(async () => assert.notEqual(await revision(), before));
    } finally {
      client.close();
    }
  });

  step("a lone shader is adopted, and its errors come and go", async (bench) => {
    const { page } = bench;
    const good = await readFile(join(folder, "plasma/shader.wgsl"), "utf8");
    await writeFile(join(folder, "waves.wgsl"), good);
    await page.keyboard.press("Control+Shift+E");
    await bench.contextMenu(bench.file("waves.wgsl"), "Deploy");
    await acceptAdoption(bench, "Adopt waves.wgsl");
    // The manifest that is shown is one of its files.
    await live(bench, "waves");
    await bench.openFile("waves.wgsl");
    await page.locator('.editor-actions [aria-label*="Deploy"]').waitFor();
    await bench.replaceText(good.replace("let wave = sin", "let wave = sine"));
    await page.keyboard.press("Control+S");
    await problem(bench, /sine.*\[Ln 21, Col 14\]/);
    await bench.picture("shader-problem");
    await page.locator(".tab", { hasText: "waves.wgsl" }).click();
    await bench.replaceText(good);
    await page.keyboard.press("Control+S");
    await noProblem(bench);
    await live(bench, "waves");
  });

  step("a folder with GLSL is adopted, and its error is on its line", async (bench) => {
    await mkdir(join(folder, "older"));
    await writeFile(join(folder, "older/shader.glsl"), GLSL);
    await bench.page.keyboard.press("Control+Shift+E");
    await bench.contextMenu(bench.file("older"), "Deploy");
    await acceptAdoption(bench, "Adopt older");
    await Promise.all([
      // Nothing serves yet that could go on serving.
      bench.toast("older does not build: it is not live yet.").waitFor(),
      problem(bench, /missing.*\[Ln 5, Col 66\]/),
    ]);
    await bench.openFile("older/shader.glsl");
    await bench.replaceText(GLSL.replace("missing", "0.1"));
    await bench.page.keyboard.press("Control+S");
    await noProblem(bench);
    await live(bench, "older");
  });

  step("a program is called directly, with arguments, and as CGI", async (bench) => {
    await mkdir(join(folder, "tool"));
    await writeFile(join(folder, "tool/tool.wasm"), await wasiTool());
    const manifest = { name: "tool", language: "prebuilt", artifact: "tool.wasm" };
    await writeFile(join(folder, "tool/moc.json"), JSON.stringify(manifest));
    await bench.command("View: Close All Editors");
    await bench.command("View: Hide Panel");
    await bench.page.keyboard.press("Control+Shift+E");
    await bench.contextMenu(bench.file("tool"), "Invoke");
    const page = await bench.webview(".request");
    // It has no URL: that way to call it is not the one that is proposed.
    await page.getByRole("radio", { name: "Direct", checked: true }).waitFor();
    const start = page.getByRole("textbox", { name: "Start function" });
    await start.fill("add");
    await page.getByRole("textbox", { name: "Arguments", exact: true }).fill("40 2");
    await send(page);
    await page.locator(".fact", { hasText: "Result 42" }).waitFor();
    await page.getByRole("radio", { name: "Program" }).click();
    await start.fill("");
    await page.getByRole("textbox", { name: "One argument a line" }).fill("one\ntwo words");
    await send(page);
    const body = page.locator("pre[data-view=text]");
    await body.filter({ hasText: /^content-type: .*\s+tool\s+one\s+two words\s*$/ }).waitFor();
    await page.getByRole("radio", { name: "CGI" }).click();
    await send(page);
    await body.filter({ hasText: /^tool\s+one\s+two words\s*$/ }).waitFor();
    await page.getByRole("tab", { name: /Headers/ }).click();
    await page.locator("th", { hasText: "content-type" }).waitFor();
    await bench.picture("request-cgi");
    await page.getByRole("radio", { name: "Direct" }).click();
    await page.getByRole("textbox", { name: "Arguments", exact: true }).fill("40 two");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText('The argument "two" is no 32-bit integer.').waitFor();
  });
});

/** The function has just become live, or is the one that is edited. */
async function live(bench: Workbench, name: string): Promise<void> {
  await bench
    .status()
    .getByText(new RegExp(`${name} live|moc: /${name}`))
    .waitFor();
}

/** Takes what the wizard proposes. */
async function acceptAdoption(bench: Workbench, title: string): Promise<void> {
  for (const [step, question] of [
    [1, "Name of the function"],
    [2, "Path at which it answers"],
  ] as const) {
    await bench.quickInput().getByText(`${title} (${step}/2)`).waitFor();
    await bench.quickInput().getByText(question).waitFor();
    await bench.page.keyboard.press("Enter");
  }
}

async function problem(bench: Workbench, text: RegExp): Promise<void> {
  await bench
    .status()
    .getByText(/build failed/)
    .waitFor();
  await bench.command("Problems: Focus on Problems View");
  await bench.page.locator(".markers-panel .monaco-list-row", { hasText: text }).waitFor();
}

async function noProblem(bench: Workbench): Promise<void> {
  await bench.page
    .locator(".markers-panel", { hasText: "No problems have been detected" })
    .waitFor();
}

async function send(page: FrameLocator): Promise<void> {
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("button", { name: "Send" }).waitFor();
  await page.locator(".status.good", { hasText: "200" }).waitFor();
}
