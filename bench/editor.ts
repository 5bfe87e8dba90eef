/** How the extension feels: a real VS Code in a browser, with the packaged extension. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { closeBuilders } from "../devkit/builders/list.ts";
import { deployProject } from "../devkit/deploy.ts";
import { LiveDeployer } from "../devkit/live.ts";
import { readProject } from "../devkit/manifest.ts";
import { clientOf, Editor } from "../e2e/scenario.ts";
import type { Workbench } from "../e2e/workbench.ts";
import type { InstanceFile } from "../runtime/protocol/model.ts";
import { measureEditorMemory } from "./editor-memory.ts";
import { measureWindow, median, stop, WAIT_MS } from "./editor-window.ts";
import type { Report } from "./report.ts";

const ROUNDS = 7;
const POLL_MS = 1;

const source = (text: string) => `export default { fetch: () => new Response("${text}") };\n`;

/** Measures in a window of its own; says why where there is no editor. */
export async function measureEditor(report: Report): Promise<void> {
  const editor = await Editor.start();
  if (typeof editor === "string") {
    console.log(`editor       skipped: ${editor}`);
    return;
  }
  await using _ = editor;
  const folder = await editor.workspace({ hello: "javascript" });
  const file = join(folder, "hello", "index.js");
  await writeFile(file, source("first"));
  await firstWindow(editor, folder);
  await measureWindow(report, editor, folder);
  const bench = await editor.open(folder);
  try {
    await saving(report, bench, await editor.instance(), folder);
    await invoking(report, bench);
    await activation(report, bench);
  } finally {
    await closeBuilders();
    await bench[Symbol.asyncDispose]();
  }
  await measureEditorMemory(report);
}

/** Deploys the function, and leaves a data folder without a runtime. */
async function firstWindow(editor: Editor, folder: string): Promise<void> {
  await using _bench = await editor.open(folder);
  const instance = await editor.instance();
  const client = clientOf(instance);
  await deployProject(client, await readProject(join(folder, "hello")));
  client.close();
  await stop(instance);
}

/** What the editor itself says of loading and activating us. */
async function activation(report: Report, bench: Workbench): Promise<void> {
  await bench.command("Developer: Show Running Extensions");
  const row = bench.page.locator(".runtime-extensions-editor .monaco-list-row", {
    hasText: "My Own Cluster",
  });
  const text = await row.locator(".activation-time").first().textContent();
  const ms = Number(/(\d+)\s*ms/.exec(text ?? "")?.[1] ?? Number.NaN);
  add(report, "load and activation, by the editor", ms, 50);
}

/** From the key that saves to the first new answer; and the same without an editor. */
async function saving(
  report: Report,
  bench: Workbench,
  instance: InstanceFile,
  folder: string,
): Promise<void> {
  const client = clientOf(instance);
  const until = async (text: string): Promise<void> => {
    for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; ) {
      const { body } = await client.fetchFunction({ path: "/hello" });
      if (new TextDecoder().decode(body) === text) return;
      // Asked for without a pause, the old version takes the processors from the making of the new one.
      await sleep(POLL_MS);
    }
    throw new Error(`"${text}" was saved and is not live`);
  };
  await bench.openFile("hello/index.js");
  await bench.page.locator(".editor-instance .monaco-editor").first().click();
  const inEditor: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const text = `editor ${round}`;
    await bench.page.keyboard.press("Control+A");
    await bench.page.keyboard.insertText(source(text));
    await sleep(300);
    const pressed = performance.now();
    await bench.page.keyboard.press("Control+S");
    await until(text);
    inEditor.push(performance.now() - pressed);
    await sleep(500);
  }
  await bench.command("View: Close All Editors");
  const deployer = new LiveDeployer(client, { onEvent: () => undefined });
  const alone: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const text = `devkit ${round}`;
    const written = performance.now();
    await writeFile(join(folder, "hello", "index.js"), source(text));
    const saved = deployer.saved(join(folder, "hello"));
    await until(text);
    alone.push(performance.now() - written);
    await saved;
  }
  await deployer.close();
  client.close();
  const devkit = median(alone);
  add(report, "save to new answer by the devkit alone, median", devkit, undefined);
  add(report, "save to new answer in the editor, median", median(inEditor), devkit + 30);
}

/** From the click to the answer on the screen, over the time that the request itself took. */
async function invoking(report: Report, bench: Workbench): Promise<void> {
  await bench.command("Invoke with Sample Input");
  const page = await bench.webview(".request");
  const send = page.getByRole("button", { name: "Send" });
  const overheads: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const ms = await send.evaluate(async (button) => {
      const { ownerDocument: document } = button;
      const calls = () => document.querySelectorAll("select option").length;
      const before = calls();
      const clicked = performance.now();
      button.click();
      while (calls() === before || !document.querySelector(".status.good")) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      const shown = performance.now() - clicked;
      const time = /Time\s*([\d.]+)\s*ms/.exec(document.body.textContent ?? "");
      return shown - Number(time?.[1] ?? 0);
    });
    overheads.push(ms);
  }
  add(report, "invoke: click to answer shown, over the request", median(overheads), 50);
}

function add(report: Report, name: string, value: number, limit: number | undefined): void {
  report.add({
    group: "editor",
    name,
    value,
    unit: "ms",
    ...(limit !== undefined && { target: { sense: "at most", limit, of: "issue" } }),
  });
}
