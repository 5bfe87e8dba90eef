import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import type { FrameLocator } from "playwright-core";
import type { Client } from "../devkit/client.ts";
import { enterPath } from "./enter-path.ts";
import { clientOf, Editor, eventually } from "./scenario.ts";
import { stepsIn } from "./steps.ts";
import { assertAccessible } from "./vscode-axe.ts";
import type { Workbench } from "./workbench.ts";

const SECTIONS = [
  "Overview",
  "Functions",
  "Plugs",
  "Key-value",
  "GPU",
  "Calls",
  "Logs",
  "Invoke",
  "Backup",
];
const THEMES = {
  dark: ["vs-dark", "Default Dark Modern"],
  light: ["vs", "Default Light Modern"],
  "high-contrast": ["hc-black", "Default High Contrast"],
} as const;

const STATE_WRITTEN_MS = 8000;

describe("the dashboard in the editor", () => {
  let editor: Editor | string = "not started";
  let folder = "";
  let bench: Workbench | undefined;
  let client: Client | undefined;
  /** Hosts that the panel's own page asked. */
  const asked = new Set<string>();

  before(async () => {
    editor = await Editor.start();
    if (typeof editor === "string") return;
    folder = await editor.workspace({ hello: "javascript", waves: "wgsl" });
    bench = await editor.open(folder);
    bench.page.on("request", (request) => {
      const from = request.frame().url();
      if (from.includes("webview")) asked.add(new URL(request.url()).host);
    });
  });
  after(async () => {
    client?.close();
    await bench?.[Symbol.asyncDispose]();
    if (typeof editor !== "string") await editor[Symbol.asyncDispose]();
  });

  const windowStep = stepsIn(() => ({ editor, bench }));
  /** A step with the dashboard open. */
  function step(
    name: string,
    run: (given: {
      readonly bench: Workbench;
      readonly editor: Editor;
      readonly client: Client;
    }) => Promise<void>,
  ): void {
    windowStep(name, async (bench, editor) => {
      if (!client) {
        await bench.command("Deploy All Functions");
        client = clientOf(await editor.instance());
        const deployed = client;
        await eventually(() => deployed.call("name", { path: { name: "hello" } }), 60_000);
        await eventually(() => deployed.call("name", { path: { name: "waves" } }), 60_000);
        await bench.command("Open Dashboard");
      }
      await run({ bench, editor, client });
    });
  }

  step("overview: figures of the runtime, and what was deployed", async ({ bench }) => {
    const page = await bench.webview("nav");
    await page.locator(".tile b").first().waitFor();
    await page.locator(".events").getByText("v1 live").first().waitFor();
    await page.getByRole("link", { name: "hello", exact: true }).waitFor();
    await bench.picture("dashboard");
  });

  step("functions: a function's facts, and its source in the editor", async ({ bench }) => {
    const page = await section(bench, "Functions");
    await page.getByRole("link", { name: "hello", exact: true }).click();
    await page.getByText("GET /hello/!who").waitFor();
    await page.getByText("Open source", { exact: true }).click();
    await bench.page.locator('.tab.active[aria-label*="index.js"]').waitFor();
    await bench.picture("dashboard-source");
    await bench.command("Open Dashboard");
    const again = await bench.webview("nav");
    // The place in the dashboard is kept while its tab is behind another.
    await again.getByRole("heading", { level: 1, name: /hello/ }).waitFor();
  });

  step("plugs: the tester says who answers", async ({ bench }) => {
    const page = await section(bench, "Plugs");
    await page.getByRole("textbox", { name: "Path" }).fill("/hello/Grace");
    await page.getByRole("button", { name: "Test" }).click();
    await page.getByText("who = Grace").waitFor();
  });

  step("logs and calls: both come live, a call shows request and response", async (given) => {
    const { bench, client } = given;
    const logs = await section(bench, "Logs");
    await deployTalker(client);
    await client.fetchFunction({ path: "/talker" });
    await logs.getByText("said <b>aloud</b>").first().waitFor();
    await client.fetchFunction({ path: "/hello/Ada?x=1", headers: { "x-own": "yes" } });
    const page = await section(bench, "Calls");
    await page.locator("tr", { hasText: "/hello/Ada" }).first().getByRole("link").click();
    const request = page.getByRole("region", { name: "Request", exact: true });
    await request.getByText("x-own").waitFor();
    await page.getByRole("region", { name: "Response", exact: true }).getByText("Ada").waitFor();
    await page.locator(".waterfall .bar").first().waitFor();
    await bench.picture("dashboard-call");
  });

  step("a call is saved as a sample beside its function", async ({ bench }) => {
    const page = await bench.webview("nav");
    await page.getByText("Save as sample", { exact: true }).click();
    await bench.quickInput().getByText("Name of the file in").waitFor();
    await bench.enter("from-the-dashboard");
    await page
      .getByText(/Saved as .*from-the-dashboard\.json/)
      .first()
      .waitFor();
    const file = join(folder, "hello", "samples", "from-the-dashboard.json");
    const sample = JSON.parse(await readFile(file, "utf8"));
    assert.deepEqual(
      [sample.method, sample.path, sample.query, sample.headers],
      ["GET", "/hello/Ada", { x: "1" }, { "x-own": "yes" }],
    );
  });

  step("a call is made again with all that it was given", async ({ bench, client }) => {
    const page = await bench.webview("nav");
    await page.getByText("Invoke again", { exact: true }).click();
    const query = page.getByRole("textbox", { name: "Query" });
    await eventually(async () => assert.equal(await query.inputValue(), "x=1"));
    await page.getByText("Send", { exact: true }).click();
    await page.getByText("status 200").waitFor();
    const { calls } = await client.call("calls", { query: { function: "hello", limit: 1 } });
    const id = String(calls[0]?.id);
    const { exchange } = await client.call("callExchange", { path: { id } });
    assert.equal(exchange.request.headers["x-own"], "yes");
    assert.equal(exchange.request.headers["x-moc-url-query"], "x=1");
  });

  step("key-value: a value is edited in place", async ({ bench, client }) => {
    await client.call("kvPut", {
      path: { key: "panel/one" },
      body: new TextEncoder().encode('{"a":1}'),
    });
    const page = await section(bench, "Key-value");
    await page.getByRole("link", { name: "panel/…" }).click();
    await page.getByRole("link", { name: "panel/one" }).click();
    await page.getByText("Edit", { exact: true }).click();
    await page.getByRole("textbox", { name: "Value" }).fill('{"a":2}');
    await page.getByText("Save", { exact: true }).click();
    await page.getByText("Saved.").first().waitFor();
    const { bytes } = await client.bytes("kvGet", { path: { key: "panel/one" } });
    assert.equal(new TextDecoder().decode(bytes), '{"a":2}');
  });

  step("gpu: a shader runs, its controls run it again", async ({ bench, client }) => {
    const { gpu } = await client.call("gpu");
    const page = await section(bench, "GPU");
    if (!(gpu as { readonly available: boolean }).available) {
      await page.getByText("No GPU.").waitFor();
      return;
    }
    const canvas = page.locator("moc-picture canvas");
    await page.getByText("640 × 400").waitFor();
    await page.locator("#slider-width").fill("320");
    await page.getByText("320 × 400").waitFor();
    await canvas.hover();
    await page.getByText(/\(\d+, \d+\) = /).waitFor();
    await page.locator(".stack").first().waitFor();
    await bench.picture("dashboard-gpu");
  });

  step("backup: everything into a file, and back", async ({ bench, client }) => {
    const archive = join(folder, "all.tar.gz");
    const page = await section(bench, "Backup");
    await page.getByText("Export", { exact: true }).click();
    await enterPath(bench, archive);
    await page.getByText(/Exported \d/).waitFor();
    assert.ok((await stat(archive)).size > 1000);
    assert.equal((await stat(archive)).mode & 0o077, 0, "it holds everything: for its owner only");
    await client.call("kvDelete", { path: { key: "panel/one" } });
    await page.getByText("Choose an archive…").click();
    await enterPath(bench, archive);
    await page.getByText("Replace everything", { exact: true }).click();
    await page.getByText(/Restored \d+ entries/).waitFor();
    await bench.picture("dashboard-backup");
    const { bytes } = await client.bytes("kvGet", { path: { key: "panel/one" } });
    assert.equal(new TextDecoder().decode(bytes), '{"a":2}');
  });

  step("a reload of the window brings the panel back as it was", async ({ bench }) => {
    const before = await section(bench, "Invoke");
    await before.getByRole("textbox", { name: "Query" }).fill("kept=1");
    // An editor in a browser writes down every five seconds what it is to know after a reload.
    await bench.page.waitForTimeout(STATE_WRITTEN_MS);
    await bench.reload();
    const page = await bench.webview("nav");
    await page.getByRole("heading", { level: 1, name: "Invoke" }).waitFor();
    const query = page.getByRole("textbox", { name: "Query" });
    await eventually(async () => assert.equal(await query.inputValue(), "kept=1"));
    await page.getByText("Send", { exact: true }).click();
    await page.getByText("status 200").waitFor();
  });

  step("every section passes axe, dark, light and with high contrast", async (given) => {
    const { bench, editor } = given;
    for (const [scheme, [body, theme]] of Object.entries(THEMES)) {
      await editor.server.configure({ "workbench.colorTheme": theme });
      await bench.page.locator(`.monaco-workbench.${body}`).waitFor();
      for (const title of SECTIONS) {
        const page = await section(bench, title);
        await eventually(async () =>
          assert.equal(await page.locator("vscode-progress-ring").count(), 0),
        );
        await bench.picture(`panel-${title.toLowerCase()}-${scheme}`);
        // The page's own colours follow those of the window a moment later.
        await eventually(() => assertAccessible(page));
      }
    }
  });

  step("the panel asked nobody but the editor", async ({ editor, client }) => {
    const runtime = new URL(client.target.baseUrl).host;
    const own = new URL(editor.server.origin).host;
    assert.ok(asked.size > 0);
    for (const host of asked) {
      assert.notEqual(host, runtime);
      assert.ok(
        host === own || host.endsWith(".vscode-resource.vscode-cdn.net") || host === "",
        host,
      );
    }
  });
});

/** A function that says something. */
async function deployTalker(client: Client): Promise<void> {
  const source = `export default { fetch() { console.log("said <b>aloud</b>"); return new Response(); } };`;
  const { tech_id } = await client.call(
    "putBlob",
    { body: new TextEncoder().encode(source) },
    { headers: { "content-type": "text/javascript" } },
  );
  await client.call("deploy", { body: { name: "talker", tech_id, plugs: [{ path: "/talker" }] } });
}

/** Goes to a section of the open panel. */
async function section(bench: Workbench, title: string): Promise<FrameLocator> {
  const page = await bench.webview("nav");
  await page.locator("nav a", { hasText: title }).click();
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
  return page;
}
