import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { BrowserContext, CDPSession, Page } from "playwright-core";
import { PICTURES, Stage, type Watched, watch } from "./dashboard-stage.ts";
import { eventually } from "./scenario.ts";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const DOCS = fileURLToPath(new URL("../docs/pictures", import.meta.url));
const SECTIONS = [
  "overview",
  "functions",
  "functions/hello",
  "routes",
  "kv",
  "gpu",
  "calls",
  "logs",
  "invoke",
  "backup",
];

/** Some of what the editor gives in its high contrast theme. */
const HIGH_CONTRAST = {
  "editor-background": "#000000",
  "editor-foreground": "#ffffff",
  "sideBar-background": "#000000",
  "editorWidget-background": "#0c141f",
  "panel-border": "#6fc3df",
  contrastBorder: "#6fc3df",
  foreground: "#ffffff",
  descriptionForeground: "#d0d0d0",
  "textLink-foreground": "#21a6ff",
  focusBorder: "#f38518",
};

describe("the dashboard in a browser", () => {
  let stage: Stage | string = "not set up";
  let context: BrowserContext | undefined;
  let page: Page | undefined;
  let watched: Watched | undefined;

  before(async () => {
    stage = await Stage.set();
    if (typeof stage === "string") return;
    context = await stage.visitor("dark");
    page = await context.newPage();
    watched = watch(page);
  });
  after(async () => {
    if (typeof stage !== "string") await stage[Symbol.asyncDispose]();
  });

  /** A step in the one page; a picture is kept when it fails. */
  function step(
    name: string,
    run: (page: Page, stage: Stage, t: TestContext) => Promise<void>,
  ): void {
    test(name, async (t) => {
      if (typeof stage === "string" || !page) return t.skip(`no real browser here: ${stage}`);
      try {
        await run(page, stage, t);
      } catch (error) {
        await page.screenshot({
          path: join(PICTURES, `failed-${t.name.replace(/\W+/g, "-")}.png`),
        });
        throw error;
      }
    });
  }

  step("its first paint comes soon, with the figures of the runtime", async (page, stage, t) => {
    await page.goto(`${stage.url}/dashboard/`);
    await page.locator(".tile b").first().waitFor();
    // Again, as everybody but the first visitor sees it: the runtime's function is warm.
    await page.reload();
    await page.locator(".tile b").first().waitFor();
    const paint = await page.evaluate(
      () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? -1,
    );
    t.diagnostic(`first contentful paint ${Math.round(paint)} ms`);
    assert.ok(paint > 0 && paint < 2000, `first paint after ${paint} ms`);
    await page.getByText("127.0.0.1").or(page.getByText("localhost")).first().waitFor();
  });

  step("overview: calls of now and failures of before are told", async (page, stage) => {
    for (let i = 0; i < 5; i++) await stage.client.fetchFunction({ path: "/hello/Ada" });
    await stage.client.fetchFunction({ path: "/failing" });
    const lately = page.locator(".events");
    await lately.getByText("this always fails").first().waitFor();
    await lately.getByText("v1 live").first().waitFor();
    await page.reload();
    await lately.getByText("this always fails").first().waitFor();
    await page.getByRole("link", { name: "hello", exact: true }).waitFor();
    assert.equal(await page.getByRole("link", { name: "core-api" }).count(), 0);
    await eventually(async () => assert.ok(await hasInk(page, "moc-chart canvas")));
  });

  step("functions: figures, versions and rolling back", async (page, stage) => {
    await stage.deploy({
      name: "worker",
      contentType: "text/javascript",
      source: 'export default { fetch: () => new Response("version two") };',
      method: "get",
      path: "/worker",
    });
    await open(page, stage, "functions/worker");
    const row = page.locator("tr", { hasText: "v1" });
    await row.getByText("Roll back").click();
    await page.getByRole("dialog").getByText("Roll back", { exact: true }).click();
    await page.getByText("answers with version 1 again").first().waitFor();
    const { body } = await stage.client.fetchFunction({ path: "/worker" });
    assert.equal(new TextDecoder().decode(body), "worked");
    await open(page, stage, "functions");
    await page.locator("table").getByText("JavaScript").first().waitFor();
    await page.locator("table").getByText("WGSL").first().waitFor();
  });

  step("routes: the tester says who answers, with parameters and filters", async (page, stage) => {
    await open(page, stage, "routes");
    const tester = page.locator("section", { hasText: "Which one answers?" });
    await tester.getByRole("textbox", { name: "Path" }).fill("/hello/Grace");
    await tester.getByRole("button", { name: "Test" }).click();
    await tester.getByText("name = Grace").waitFor();
    await tester.getByText("gate").waitFor();
    await tester.getByRole("textbox", { name: "Path" }).fill("/nobody/answers/this");
    await tester.getByRole("button", { name: "Test" }).click();
    await tester.getByText("Nothing answers").waitFor();
  });

  step(
    "key-value: a prefix of a million keys opens at once, page by page",
    async (page, stage, t) => {
      await open(page, stage, "kv");
      await page.getByText("many/…").waitFor();
      const started = performance.now();
      await page.getByText("many/…").click();
      await page.getByText("many/9/…").waitFor();
      const grouped = performance.now() - started;
      const flat = performance.now();
      await page.getByText("many/3/…").click();
      await page.getByText("many/3/0000003").waitFor();
      const first = performance.now() - flat;
      t.diagnostic(
        `a million keys: groups ${Math.round(grouped)} ms, first page ${Math.round(first)} ms`,
      );
      assert.ok(first < 1500, `the first page took ${first} ms`);
      assert.equal(await page.locator("tbody tr").count(), 100);
      await page.getByText("Next", { exact: true }).click();
      await page.getByText("many/3/0001003").waitFor();
      await page.getByText("Back", { exact: true }).click();
      await page.getByText("many/3/0000003").waitFor();
    },
  );

  step(
    "key-value: JSON shown, edited, and a conflict told before it is lost",
    async (page, stage) => {
      await open(page, stage, "kv/hello%2F");
      await page.getByText("hello/last").click();
      await page.locator(".json-key", { hasText: "count" }).waitFor();
      await page.getByText("Edit", { exact: true }).click();
      await page.getByRole("textbox", { name: "Value" }).fill("mine");
      await stage.client.call("kvPut", {
        path: { key: "hello/last" },
        body: new TextEncoder().encode("theirs"),
      });
      await page.getByText("Save", { exact: true }).click();
      await page.getByText("was changed by somebody else").waitFor();
      await page.getByText("Overwrite", { exact: true }).click();
      await page.getByText("Saved.").first().waitFor();
      const { bytes } = await stage.client.bytes("kvGet", { path: { key: "hello/last" } });
      assert.equal(new TextDecoder().decode(bytes), "mine");
    },
  );

  step("key-value: a large value is cut, with a download", async (page, stage) => {
    await open(page, stage, "kv");
    await page.getByRole("link", { name: "big" }).click();
    await page.getByText("Only the beginning is shown").waitFor();
    const waiting = page.waitForEvent("download");
    await page.getByText("Download", { exact: true }).click();
    const file = await (await waiting).path();
    assert.equal((await readFile(file)).length, 3_000_000);
  });

  step("key-value: a key is added, exported and deleted", async (page, stage) => {
    await open(page, stage, "kv/fresh%2F");
    await page.getByText("New key", { exact: true }).click();
    await page.getByRole("textbox", { name: "Key", exact: true }).fill("fresh/one");
    await page.getByRole("textbox", { name: "Value" }).fill("first");
    await page.getByText("Create", { exact: true }).click();
    await page.getByRole("link", { name: "fresh/one" }).waitFor();
    const waiting = page.waitForEvent("download");
    await page.getByText("Export", { exact: true }).click();
    const exported = JSON.parse(await readFile(await (await waiting).path(), "utf8"));
    assert.equal(exported.entries.length, 1);
    await page.getByRole("link", { name: "fresh/one" }).click();
    await page.getByText("Delete", { exact: true }).click();
    await page.getByRole("dialog").getByText("Delete", { exact: true }).click();
    await page.getByText("No key starts with").waitFor();
  });

  step(
    "calls: the list leaves our own out; a call has waterfall, sub-call and log",
    async (page, stage) => {
      await stage.client.fetchFunction({ path: "/hello/Linus" });
      await open(page, stage, "calls");
      const row = page.locator("tr", { hasText: "/hello/Linus" }).first();
      await row.waitFor();
      assert.equal(await page.locator("td", { hasText: "core-api" }).count(), 0);
      await row.getByRole("link").click();
      const spans = page.locator(".waterfall");
      await spans.getByText("filter gate").waitFor();
      await spans.getByText("worker").waitFor();
      const bar = await spans
        .locator(".bar")
        .last()
        .evaluate((one) => one.clientWidth);
      assert.ok(bar > 0);
      await page.getByText("greeted <b>Linus</b>").first().waitFor();
      const waiting = page.waitForEvent("download");
      await page.getByText("Save as sample", { exact: true }).click();
      const sample = JSON.parse(await readFile(await (await waiting).path(), "utf8"));
      assert.equal(sample.path, "/hello/Linus");
      await page.getByText("Invoke again", { exact: true }).click();
      await page.getByText("Send", { exact: true }).click();
      await page.getByText("status 200").waitFor();
    },
  );

  step(
    "invoke: path parameters, an answer, and what changed since the last",
    async (page, stage) => {
      await open(page, stage, "invoke/hello");
      await page.getByRole("textbox", { name: "Path parameter name" }).fill("Grace Hopper");
      await page.getByText("Send", { exact: true }).click();
      await page.getByText("Grace Hopper").first().waitFor();
      await page.getByText("Send", { exact: true }).click();
      await page.getByText("compare with the last answer").click();
      await page.locator(".diff .new").first().waitFor();
      await page.reload();
      const parameter = page.getByRole("textbox", { name: "Path parameter name" });
      await eventually(async () => assert.equal(await parameter.inputValue(), "Grace Hopper"));
    },
  );

  step(
    "gpu: a shader runs on the software adapter, its controls run it again",
    async (page, stage, t) => {
      const { gpu } = await stage.client.call("gpu");
      const description = gpu as { readonly available: boolean; readonly reason?: string };
      if (!description.available) return t.skip(`no adapter here: ${description.reason}`);
      await open(page, stage, "gpu/rings");
      await page.locator("moc-picture canvas").waitFor();
      await page.getByText("96 × 64").waitFor();
      const before = await inkOf(page, "moc-picture canvas");
      await page.locator("#slider-strength").fill("1");
      await eventually(async () =>
        assert.notEqual(await inkOf(page, "moc-picture canvas"), before),
      );
      await page.locator("moc-picture canvas").hover();
      await page.getByText(/\(\d+, \d+\) = /).waitFor();
      await page.locator(".stack").first().waitFor();
      await page.screenshot({ path: join(PICTURES, "gpu-result-dark.png") });
      await choose(page, "Result as", "Table");
      await page.locator("pre.table").waitFor();
      await choose(page, "Result as", "Heat map");
      await page.locator("moc-heat-map canvas").waitFor();
      const waiting = page.waitForEvent("download");
      await page.getByText("Save PNG", { exact: true }).click();
      const png = await readFile(await (await waiting).path());
      assert.equal(png.toString("latin1", 1, 4), "PNG");
      await open(page, stage, "gpu/broken");
      const source = page.locator("pre.source");
      await source.getByText("let x: u32 = 1.5;").waitFor();
      await source.locator(".err").waitFor();
    },
  );

  step("logs: 50,000 lines in ten seconds stay fluid", async (page, stage, t) => {
    await open(page, stage, "logs/flood");
    const client = await page.context().newCDPSession(page);
    await client.send("Performance.enable");
    const began = await scriptSeconds(client);
    const started = performance.now();
    const calls = Array.from({ length: 50 }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 190));
      await stage.client.fetchFunction({ path: `/flood?count=1000&from=${index * 1000}` });
    });
    await Promise.all(calls);
    const seconds = (performance.now() - started) / 1000;
    const busy = ((await scriptSeconds(client)) - began) / seconds;
    await stage.client.fetchFunction({ path: "/flood?count=1&from=777777" });
    await page.getByText("flood line 777777").first().waitFor();
    const rows = await page.locator("moc-virtual-list .log-line").count();
    t.diagnostic(
      `50,000 lines in ${seconds.toFixed(1)} s: scripting ${Math.round(100 * busy)} % of a core, ${rows} rows exist`,
    );
    assert.ok(rows < 200, `${rows} rows`);
    assert.ok(busy < 0.9, `scripting took ${busy} of a core`);
    const filled = await heapMiB(client);
    for (let i = 0; i < 20; i++) {
      await stage.client.fetchFunction({ path: `/flood?count=1000&from=${i * 1000}` });
    }
    await stage.client.fetchFunction({ path: "/flood?count=1&from=888888" });
    await page.getByText("flood line 888888").first().waitFor();
    const later = await heapMiB(client);
    t.diagnostic(`heap with 50,000 lines past: ${filled} MiB, with 20,000 more: ${later} MiB`);
    assert.ok(later < filled + 8, `the heap grew from ${filled} to ${later} MiB`);
    await page.getByText("Pause", { exact: true }).click();
    await page.getByText("paused ·").waitFor();
    await page.getByText("Copy", { exact: true }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /flood line 888888$/);
    await page.getByText("Resume", { exact: true }).click();
  });

  step("sixty events a second cost little", async (page, stage, t) => {
    await open(page, stage, "overview");
    const client = await page.context().newCDPSession(page);
    await client.send("Performance.enable");
    const began = await scriptSeconds(client);
    const started = performance.now();
    for (let i = 0; i < 15; i++) {
      const tick = Array.from({ length: 10 }, () =>
        stage.client.fetchFunction({ path: "/hello/many" }),
      );
      await Promise.all([...tick, new Promise((resolve) => setTimeout(resolve, 330))]);
    }
    const seconds = (performance.now() - started) / 1000;
    const busy = ((await scriptSeconds(client)) - began) / seconds;
    t.diagnostic(`90 events/s: scripting ${Math.round(100 * busy)} % of a core`);
    assert.ok(busy < 0.5, `scripting took ${busy} of a core`);
  });

  test("backup: everything is exported and comes back", async (t) => {
    if (typeof stage === "string") return t.skip(`no real browser here: ${stage}`);
    // An instance of its own: what was restored replaces everything.
    const small = await Stage.set(0);
    assert.ok(typeof small !== "string");
    await using _ = small;
    const page = await (await small.visitor("light")).newPage();
    await small.client.call("kvPut", { path: { key: "a" }, body: new Uint8Array([1]) });
    await open(page, small, "backup");
    const waiting = page.waitForEvent("download");
    await page.getByText("Export", { exact: true }).click();
    const download = await waiting;
    assert.match(download.suggestedFilename(), /^my-own-cluster-.*\.tar\.gz$/);
    await page.getByText("Exported").first().waitFor();
    await small.client.call("kvDelete", { path: { key: "a" } });
    const choosing = page.waitForEvent("filechooser");
    await page.getByText("Choose an archive…").click();
    await (await choosing).setFiles(await download.path());
    await page.getByText("Replace everything", { exact: true }).click();
    await page.getByText(/^\s*Restored \d+ entries/).waitFor();
    const { bytes } = await small.client.bytes("kvGet", { path: { key: "a" } });
    assert.deepEqual([...bytes], [1]);
  });

  step(
    "every section is accessible and keeps to itself, dark and light",
    async (page, stage, t) => {
      for (const scheme of ["dark", "light"] as const) {
        await page.emulateMedia({ colorScheme: scheme });
        for (const section of SECTIONS) {
          await open(page, stage, section);
          await page.locator("h1").first().waitFor();
          await eventually(async () =>
            assert.equal(await page.locator("vscode-progress-ring").count(), 0),
          );
          await page.screenshot({
            path: join(PICTURES, `${section.replace("/", "-")}-${scheme}.png`),
          });
          const findings = await axe(page);
          assert.deepEqual(findings, [], `${section} in ${scheme}`);
        }
      }
      await page.emulateMedia({ colorScheme: "dark" });
      t.diagnostic(`pictures are in ${PICTURES}`);
    },
  );

  step("high contrast classes of the editor are drawn", async (page, stage) => {
    await open(page, stage, "overview");
    await page.evaluate((colours) => {
      document.body.className = "vscode-high-contrast";
      for (const [name, value] of Object.entries(colours)) {
        document.body.style.setProperty(`--vscode-${name}`, value);
        document.documentElement.style.setProperty(`--vscode-${name}`, value);
      }
    }, HIGH_CONTRAST);
    await page.waitForTimeout(300);
    await page.screenshot({ path: join(PICTURES, "overview-high-contrast.png") });
    assert.deepEqual(await axe(page), []);
  });

  step("the keyboard reaches everything, from the navigation on", async (page, stage) => {
    await open(page, stage, "overview");
    await page.locator("nav a").first().focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Functions" }).waitFor();
    assert.equal(await page.locator("nav a[aria-current=page]").textContent(), "Functions7");
  });

  step("a session that ended says how to sign in, and goes on afterwards", async (page, stage) => {
    await open(page, stage, "routes");
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    await page.getByText("You are signed out").waitFor();
    assert.equal(await page.getByRole("link", { name: /Sign in/ }).count(), 1);
    await page.context().addCookies(cookies);
    await page.getByText("Which one answers?").waitFor();
  });

  step(
    "the page asked nobody but its runtime, and the policy refused nothing",
    async (_, stage) => {
      assert.deepEqual([...(watched?.hosts ?? [])], [new URL(stage.url).host]);
      const refused = watched?.complaints.filter((one) => /policy|TypeError|Refused/i.test(one));
      assert.deepEqual(refused, []);
    },
  );

  step("without a session there is a sign-in page, and no data", async (_, stage) => {
    const visitor = await stage.visitor("light", false);
    const stranger = await visitor.newPage();
    await stranger.goto(`${stage.url}/dashboard/`);
    await stranger.getByText("Sign in to My Own Cluster").waitFor();
    await visitor.close();
  });

  step(
    "a page of another site can neither call the API nor frame the dashboard",
    async (page, stage) => {
      await using site = await foreignSite(stage.url);
      const tab = await page.context().newPage();
      await tab.goto(site.url);
      const read = await tab.evaluate(
        (url) =>
          fetch(`${url}/my-own-cluster/api/status`, { credentials: "include" }).then(
            (response) => `answered ${response.status}`,
            () => "refused",
          ),
        stage.url,
      );
      assert.equal(read, "refused");
      await tab.evaluate(
        (url) =>
          fetch(`${url}/my-own-cluster/api/kv/planted`, {
            method: "POST",
            mode: "no-cors",
            credentials: "include",
            headers: { "content-type": "text/plain" },
            body: "x",
          }).catch(() => undefined),
        stage.url,
      );
      await assert.rejects(stage.client.bytes("kvGet", { path: { key: "planted" } }), {
        code: "MOC_NOT_FOUND",
      });
      const frame = tab.frame({ name: "framed" });
      assert.equal(await frame?.locator("moc-dashboard").count(), 0);
      await tab.close();
    },
  );

  step("two pictures for the README", async (_, stage) => {
    if (process.env.MOC_DOC_PICTURES !== "1") return;
    await mkdir(DOCS, { recursive: true });
    for (let i = 0; i < 60; i++) {
      const calls = Array.from({ length: 4 + (i % 7) }, (_, index) =>
        stage.client.fetchFunction({ path: index % 2 ? "/hello/Ada" : "/worker" }),
      );
      await Promise.all([...calls, new Promise((resolve) => setTimeout(resolve, 500))]);
    }
    await picture(await stage.visitor("dark"), stage, "overview", "dashboard-overview-dark.png");
    await picture(await stage.visitor("light"), stage, "gpu/rings", "dashboard-gpu-light.png");
  });
});

async function picture(
  context: BrowserContext,
  stage: Stage,
  place: string,
  file: string,
): Promise<void> {
  const page = await context.newPage();
  await open(page, stage, place);
  await page.locator("canvas").first().waitFor();
  await stage.client.fetchFunction({ path: "/hello/Grace" });
  await page.waitForTimeout(1500);
  await writeFile(join(DOCS, file), await page.screenshot());
}

async function open(page: Page, stage: Stage, place: string): Promise<void> {
  await page.goto(`${stage.url}/dashboard/#${place}`);
  await page.locator("moc-dashboard main").waitFor();
}

/** Chooses in a dropdown of the toolkit. */
async function choose(page: Page, label: string, option: string): Promise<void> {
  const dropdown = page.getByRole("combobox", { name: label });
  await dropdown.click();
  await dropdown.getByRole("option", { name: option, exact: true }).click();
}

async function hasInk(page: Page, canvas: string): Promise<boolean> {
  return (await inkOf(page, canvas)) > 0;
}

/** A sum over all pixels of a canvas: another picture has another sum. */
function inkOf(page: Page, canvas: string): Promise<number> {
  return page
    .locator(canvas)
    .first()
    .evaluate((element) => {
      const one = element as HTMLCanvasElement;
      const data = one.getContext("2d")?.getImageData(0, 0, one.width, one.height).data ?? [];
      let sum = 0;
      for (const [index, value] of data.entries()) sum += value * ((index % 97) + 1);
      return sum;
    });
}

async function scriptSeconds(client: CDPSession): Promise<number> {
  const { metrics } = await client.send("Performance.getMetrics");
  return metrics.find((one) => one.name === "ScriptDuration")?.value ?? 0;
}

/** What is left on the page's heap after collecting garbage. */
async function heapMiB(client: CDPSession): Promise<number> {
  await client.send("HeapProfiler.collectGarbage");
  const { usedSize } = await client.send("Runtime.getHeapUsage");
  return Math.round((10 * usedSize) / 2 ** 20) / 10;
}

/** Serious findings of axe, by rule and element. */
async function axe(page: Page): Promise<readonly string[]> {
  // Evaluated by the debugger: the page's policy refuses scripts of others, as it should.
  await page.evaluate(await readFile(AXE, "utf8"));
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      readonly axe: {
        run(): Promise<{
          readonly violations: readonly {
            readonly id: string;
            readonly impact: string;
            readonly nodes: readonly { readonly html: string }[];
          }[];
        }>;
      };
    };
    const { violations } = await axe.run();
    return violations
      .filter((one) => one.impact === "serious" || one.impact === "critical")
      .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)}`));
  });
}

/** A page that some other site serves, with the dashboard in a frame. */
async function foreignSite(target: string): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end(
      `<!doctype html><title>elsewhere</title><iframe name="framed" src="${target}/dashboard/"></iframe>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
