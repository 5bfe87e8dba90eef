/** Debug Function in a real editor: VS Code's own debugger, attached to a real executor. */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Locator } from "playwright-core";
import { closeBuilders } from "../devkit/builders/list.ts";
import type { Client } from "../devkit/client.ts";
import { deployProject } from "../devkit/deploy.ts";
import { readProject } from "../devkit/manifest.ts";
import type { InstanceFile } from "../runtime/protocol/model.ts";
import { clientOf, Editor, eventually, fetchText } from "./scenario.ts";
import { stepsIn } from "./steps.ts";
import type { Workbench } from "./workbench.ts";

const FUNCTIONS = { inc: "c", ada: "assemblyscript", text: "wat", script: "javascript" };

/** Far below the time for which the test stands at breakpoints. */
const LIMITS = { timeoutMs: 1000, cpuMs: 300 };

describe("debugging in the editor", () => {
  let editor: Editor | string = "not started";
  let bench: Workbench | undefined;
  let client: Client | undefined;
  let folder = "";

  before(async () => {
    editor = await Editor.start({ settings: { "debug.toolBarLocation": "docked" } });
    if (typeof editor === "string") return;
    folder = await editor.workspace(FUNCTIONS);
    for (const name of ["inc", "ada"]) {
      const file = join(folder, name, "moc.json");
      const manifest = JSON.parse(await readFile(file, "utf8")) as object;
      await writeFile(file, JSON.stringify({ ...manifest, limits: LIMITS }));
    }
    await mkdir(join(folder, ".vscode"));
    const configuration = { type: "my-own-cluster", request: "launch", name: "Debug ada" };
    const sample = "samples/greets-the-world.json";
    const launch = { configurations: [{ ...configuration, function: "ada", sample }] };
    await writeFile(join(folder, ".vscode", "launch.json"), JSON.stringify(launch));
    bench = await editor.open(folder);
  });
  after(async () => {
    client?.close();
    await closeBuilders();
    await bench?.[Symbol.asyncDispose]();
    if (typeof editor !== "string") await editor[Symbol.asyncDispose]();
  });

  const windowStep = stepsIn(() => ({ editor, bench }));
  function step(
    name: string,
    run: (bench: Workbench, instance: InstanceFile, client: Client) => Promise<void>,
  ): void {
    windowStep(name, async (bench, editor) => {
      const instance = await editor.instance();
      client ??= clientOf(instance);
      await run(bench, instance, client);
    });
  }

  step(
    "a call stops in a C function's line, others go on, and it ends right",
    async (bench, instance, client) => {
      const line = await lineOf(join(folder, "inc", "main.c"), "uint32_t visits = count_visit(");
      await deployProject(client, await readProject(join(folder, "script")));
      await toggleBreakpoint(bench, "inc/main.c", line);
      await bench.command("Debug Function");
      await bench.pick("greets-the-world");
      const top = topFrame(bench, "handle");
      await top.getByText(`${line}:`).waitFor({ timeout: 60_000 });
      await bench.picture("debug-c");
      await sleep(LIMITS.timeoutMs * 2);
      assert.match(await fetchText(instance, "/script"), /Hello, World!/);
      const { executors } = await client.call("status");
      assert.equal(executors.filter((one) => one.function === "inc").length, 1);

      await bench.page.keyboard.press("F11");
      await topFrame(bench, "count_visit").waitFor();
      await bench.page.keyboard.press("Shift+F11");
      await topFrame(bench, "handle").waitFor();
      await bench.page.keyboard.press("F10");
      await eventually(async () => assert.ok((await lineShown(topFrame(bench, "handle"))) > line));
      await bench.page.keyboard.press("F5");
      const page = await bench.webview(".request");
      await page.locator(".status.good", { hasText: "200" }).waitFor();
      await page.locator("pre", { hasText: "Hello, " }).first().waitFor();
      await bench.picture("debug-c-answer");

      await bench.page.keyboard.press("Control+Shift+F5");
      await topFrame(bench, "handle").getByText(`${line}:`).waitFor();
      await bench.page.keyboard.press("F5");
      await bench.page.locator(".debug-call-stack", { hasText: "Running" }).waitFor();
    },
  );

  step(
    "ending it gives the limits back and makes the usual build live",
    async (bench, instance, client) => {
      const debugLength = await lengthOf(client, "inc");
      await bench.command("Debug: Stop");
      await eventually(
        async () => assert.ok((await lengthOf(client, "inc")) < debugLength),
        30_000,
      );
      const { lines } = await client.call("logs", { query: { function: "inc", limit: 100 } });
      assert.ok(lines.some(({ text }) => text.includes("its limits hold again")));
      assert.match(await fetchText(instance, "/inc"), /Hello, World!/);
      await bench.command("Remove All Breakpoints");
      await bench.command("View: Close All Editors");
    },
  );

  step("F5 with launch.json stops in a line of AssemblyScript", async (bench, _, client) => {
    const file = join(folder, "ada", "assembly", "index.ts");
    const line = await lineOf(file, "const stored = core.persistenceGet(");
    await toggleBreakpoint(bench, "assembly/index.ts", line);
    await bench.page.keyboard.press("F5");
    const top = topFrame(bench, "countVisit");
    await top.getByText(`${line}:`).waitFor({ timeout: 60_000 });
    await top.filter({ hasText: "index.ts" }).waitFor();
    const variable = bench.page.locator(".debug-variables .monaco-list-row", { hasText: "Local" });
    await variable.first().waitFor();
    const console = bench.page.locator(".repl .monaco-list-row");
    for (const text of await console.allTextContents()) assert.doesNotMatch(text, /source map/);
    await bench.picture("debug-assemblyscript");
    await bench.page.keyboard.press("F5");
    const page = await bench.webview(".request");
    await page.locator(".status.good", { hasText: "200" }).waitFor();
    await bench.command("Debug: Stop");
    await eventually(async () => {
      const { lines } = await client.call("logs", { query: { function: "ada", limit: 100 } });
      assert.ok(lines.some(({ text }) => text.includes("its limits hold again")));
    });
    await bench.command("Remove All Breakpoints");
    await bench.command("View: Close All Editors");
  });

  step("a module without lines is attached to too, and shown as text", async (bench) => {
    await bench.openFile("text/main.wat");
    await bench.command("Debug Function");
    await bench.pick("1-keeps-a-document");
    const page = await bench.webview(".request");
    await page.locator(".status.good", { hasText: "201" }).waitFor({ timeout: 60_000 });
    await bench.unfold("Loaded Scripts");
    await bench.page.locator(".debug-loaded-scripts .monaco-list-row").first().click();
    await bench.page.keyboard.press("ArrowRight");
    await bench.page.locator(".debug-loaded-scripts .monaco-list-row").nth(1).waitFor();
    await bench.picture("debug-wat");
    await bench.command("Debug: Stop");
    await bench.command("View: Close All Editors");
  });

  step("a script says why it has no breakpoints", async (bench) => {
    await bench.openFile("script/index.js");
    await bench.command("Debug Function");
    const dialog = bench.page.locator(".monaco-dialog-box");
    await dialog.getByText(/QuickJS/).waitFor();
    await bench.picture("debug-javascript");
    await dialog.getByRole("button", { name: "Invoke and Show Log" }).click();
    await bench.webview(".request");
  });
});

async function lengthOf(client: Client, name: string): Promise<number> {
  const { functions } = await client.call("functions");
  return functions.find((one) => one.name === name)?.length ?? 0;
}

/** Number of the first line with a text, from 1. */
async function lineOf(file: string, text: string): Promise<number> {
  const lines = (await readFile(file, "utf8")).split("\n");
  const index = lines.findIndex((line) => line.includes(text));
  assert.ok(index >= 0, `${file} has no line with ${text}`);
  return index + 1;
}

/** Opens a file at a line, as a user does, and sets or removes a breakpoint there. */
async function toggleBreakpoint(bench: Workbench, file: string, line: number): Promise<void> {
  await bench.openFile(file);
  await bench.page.keyboard.press("Control+G");
  await bench.enter(`:${line}`);
  await bench.page.keyboard.press("F9");
  await bench.page
    .locator(".codicon-debug-breakpoint, .codicon-debug-breakpoint-unverified")
    .first()
    .waitFor();
}

/** The innermost frame of the call stack view, if it is of this function. */
function topFrame(bench: Workbench, name: string): Locator {
  return bench.page
    .locator(".debug-call-stack .monaco-list-row:has(.stack-frame)")
    .first()
    .filter({ hasText: name });
}

async function lineShown(frame: Locator): Promise<number> {
  const text = await frame.locator(".line-number").textContent();
  return Number.parseInt(text ?? "", 10);
}
