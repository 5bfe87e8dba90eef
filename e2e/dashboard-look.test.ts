import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BrowserContext } from "playwright-core";
import { axe, inkOf, open } from "./dashboard-page.ts";
import { PICTURES, type Stage } from "./dashboard-stage.ts";
import { dashboardSteps } from "./dashboard-steps.ts";
import { eventually } from "./scenario.ts";

const DOCS = fileURLToPath(new URL("../docs/pictures", import.meta.url));
const SECTIONS = [
  "overview",
  "functions",
  "functions/hello",
  "plugs",
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

/** Longer than any column. */
const LONG_NAME = `a-function-with-a-name-that-goes-on-and-on-${"and-on-".repeat(12)}end`;

dashboardSteps("the dashboard's sections", { keys: 5000 }, (step) => {
  step("the first paint comes soon, with the figures of the runtime", async (given) => {
    const { page, stage, t } = given;
    await page.addInitScript(() => {
      const watching = new MutationObserver(() => {
        if (!document.querySelector(".tile b")) return;
        performance.mark("figures");
        watching.disconnect();
      });
      watching.observe(document, { childList: true, subtree: true });
    });
    await page.goto(`${stage.url}/dashboard/`);
    await page.locator(".tile b").first().waitFor();
    // Again, as everybody but the first visitor sees it: the runtime's function is warm.
    await page.reload();
    await page.locator(".tile b").first().waitFor();
    const [paint, figures] = await page.evaluate(() =>
      ["first-contentful-paint", "figures"].map((name) =>
        Math.round(performance.getEntriesByName(name)[0]?.startTime ?? -1),
      ),
    );
    t.diagnostic(
      `first contentful paint after ${paint} ms, the runtime's figures after ${figures} ms`,
    );
    assert.ok(paint && paint > 0 && paint < 2000, `first paint after ${paint} ms`);
    await page.getByText("127.0.0.1").or(page.getByText("localhost")).first().waitFor();
  });

  step("overview: calls of now and failures of before are told", async ({ page, stage }) => {
    for (let i = 0; i < 5; i++) await stage.client.fetchFunction({ path: "/hello/Ada" });
    await stage.client.fetchFunction({ path: "/failing" });
    const lately = page.locator(".events");
    await lately.getByText("this always fails").first().waitFor();
    await lately.getByText("v1 live").first().waitFor();
    await page.reload();
    await lately.getByText("this always fails").first().waitFor();
    await page.getByRole("link", { name: "hello", exact: true }).waitFor();
    assert.equal(await page.getByRole("link", { name: "core-api" }).count(), 0);
    await eventually(async () => assert.ok((await inkOf(page, "moc-chart canvas")) > 0));
  });

  step("functions: figures, versions and rolling back", async ({ page, stage }) => {
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

  step("functions: one that goes is asked about; its lines are counted", async (given) => {
    const { page, stage } = given;
    await stage.deploy({
      name: "parting",
      contentType: "text/javascript",
      source: 'export default { fetch() { console.log("one\\ntwo"); return new Response(""); } };',
      method: "get",
      path: "/parting",
    });
    await stage.client.fetchFunction({ path: "/parting" });
    await open(page, stage, "logs/parting");
    await page.getByRole("heading", { level: 1 }).getByText("2 lines").waitFor();
    await open(page, stage, "functions/parting");
    await page.getByText("Undeploy", { exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Its plugs, files and filters go with it").waitFor();
    await page.screenshot({ path: join(PICTURES, "undeploy-dark.png") });
    await dialog.getByText("Undeploy", { exact: true }).click();
    await page.getByText("parting is undeployed.").first().waitFor();
    await page.getByRole("heading", { level: 1, name: "Functions", exact: true }).waitFor();
    assert.equal((await stage.client.fetchFunction({ path: "/parting" })).status, 404);
    await open(page, stage, "functions/worker");
    await page.getByText("Undeploy", { exact: true }).waitFor();
    await open(page, stage, "functions/core-api");
    await page.getByText("Save blob", { exact: true }).waitFor();
    assert.equal(await page.getByText("Undeploy", { exact: true }).count(), 0);
  });

  step("plugs: the tester says who answers, with parameters and filters", async (given) => {
    const { page, stage } = given;
    await open(page, stage, "plugs");
    const tester = page.locator("section", { hasText: "Which one answers?" });
    await tester.getByRole("textbox", { name: "Path" }).fill("/hello/Grace");
    await tester.getByRole("button", { name: "Test" }).click();
    await tester.getByText("name = Grace").waitFor();
    await tester.getByText("gate").waitFor();
    await tester.getByRole("textbox", { name: "Path" }).fill("/nobody/answers/this");
    await tester.getByRole("button", { name: "Test" }).click();
    await tester.getByText("Nothing answers").waitFor();
    const link = page.getByRole("link", { name: "/failing", exact: true });
    assert.equal(await link.getAttribute("href"), "/failing");
    assert.equal(await page.getByRole("link", { name: "/hello/!name" }).count(), 0);
  });

  step("every section passes axe, dark and light", async ({ page, stage, t }) => {
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
        assert.deepEqual(await axe(page), [], `${section} in ${scheme}`);
      }
    }
    await page.emulateMedia({ colorScheme: "dark" });
    t.diagnostic(`pictures are in ${PICTURES}`);
  });

  step("high contrast classes of the editor are drawn", async ({ page, stage }) => {
    for (const section of SECTIONS) {
      await open(page, stage, section);
      await page.evaluate((colours) => {
        document.body.className = "vscode-high-contrast";
        for (const [name, value] of Object.entries(colours)) {
          document.body.style.setProperty(`--vscode-${name}`, value);
          document.documentElement.style.setProperty(`--vscode-${name}`, value);
        }
      }, HIGH_CONTRAST);
      await page.locator("h1").first().waitFor();
      await page.waitForTimeout(300);
      await page.screenshot({
        path: join(PICTURES, `${section.replace("/", "-")}-high-contrast.png`),
      });
      assert.deepEqual(await axe(page), [], section);
    }
    await page.reload();
  });

  step(
    "long names, emoji, text from right to left and narrow panels break nothing",
    async (given) => {
      const { page, stage } = given;
      const strange = "ملف-🙂-نص";
      for (const name of [LONG_NAME, strange]) {
        await stage.deploy({
          name,
          contentType: "text/javascript",
          source: `export default { fetch() {
          console.error("first line\\nsecond line\\n\\tthird line " + "long ".repeat(100));
          console.log("نص من اليمين <script>alert(1)</script> 🙂");
          return new Response("x");
        } };`,
          method: "get",
          path: `/${encodeURIComponent(name)}`,
        });
        await stage.client.fetchFunction({ path: `/${encodeURIComponent(name)}` });
      }
      await stage.client.call("kvPut", {
        path: { key: `${"k".repeat(600)}/${strange}` },
        body: new TextEncoder().encode("v".repeat(2000)),
      });
      for (const [size, width] of [
        ["wide", 1800],
        ["usual", 1280],
        ["narrow", 420],
      ] as const) {
        await page.setViewportSize({ width, height: 900 });
        for (const section of [...SECTIONS, `functions/${encodeURIComponent(LONG_NAME)}`]) {
          await open(page, stage, section);
          await page.locator("h1").first().waitFor();
          await eventually(async () =>
            assert.equal(await page.locator("vscode-progress-ring").count(), 0),
          );
          const name = section.startsWith("functions/a-") ? "functions-long" : section;
          await page.screenshot({ path: join(PICTURES, `${name.replace("/", "-")}-${size}.png`) });
          const beyond = await page.evaluate(
            () =>
              (document.querySelector("main")?.scrollWidth ?? 0) -
              (document.querySelector("main")?.clientWidth ?? 0),
          );
          assert.ok(beyond <= 0, `${section} at ${width} is ${beyond} px too wide`);
          const present = await page.locator("nav a[aria-current=page]").boundingBox();
          const [start, end] = [present?.x ?? -width, (present?.x ?? 0) + (present?.width ?? 0)];
          // Widths are fractions of pixels, and places scrolled to are not.
          assert.ok(
            start > -1 && end < width + 1,
            `${section} from ${start} to ${end} of ${width}`,
          );
        }
      }
      await page.setViewportSize({ width: 1280, height: 900 });
      for (const name of [LONG_NAME, strange]) {
        await stage.client.call("undeploy", { body: { name } });
      }
    },
  );

  step("the keyboard reaches everything, from the navigation on", async ({ page, stage }) => {
    await open(page, stage, "overview");
    await page.locator("nav a").first().focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Functions" }).waitFor();
    const present = page.locator("nav a[aria-current=page]");
    await eventually(async () =>
      assert.match((await present.textContent()) ?? "", /^Functions\d+$/),
    );
  });

  step("the page asked nobody but its runtime, and the policy refused nothing", async (given) => {
    const { stage, watched } = given;
    assert.deepEqual([...watched.hosts], [new URL(stage.url).host]);
    const refused = watched.complaints.filter((one) => /policy|TypeError|Refused/i.test(one));
    assert.deepEqual(refused, []);
  });

  step("two pictures for the README", async ({ stage }) => {
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
