import assert from "node:assert/strict";
import { join } from "node:path";
import { choose, downloaded, inkOf, open } from "./dashboard-page.ts";
import { PICTURES } from "./dashboard-stage.ts";
import { dashboardSteps } from "./dashboard-steps.ts";
import { eventually } from "./scenario.ts";

dashboardSteps("the dashboard's calls, shaders and playground", { keys: 0 }, (step) => {
  step(
    "calls: the list leaves our own out; a call has waterfall, sub-call and log",
    async (given) => {
      const { page, stage } = given;
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
    },
  );

  step("calls: filters that passed are shown when asked for", async ({ page, stage }) => {
    await stage.client.fetchFunction({ path: "/hello/Margaret" });
    await open(page, stage, "calls");
    await page.locator("tr", { hasText: "/hello/Margaret" }).first().waitFor();
    const passed = page.locator("tr", { hasText: "passed" });
    assert.equal(await passed.count(), 0);
    const shown = page.getByRole("checkbox", { name: "filters that passed" });
    await shown.click();
    await passed.first().locator(".tag", { hasText: "filter" }).waitFor();
    await page.screenshot({ path: join(PICTURES, "calls-filters-dark.png") });
    await page.reload();
    await passed.first().waitFor();
    await shown.click();
    await eventually(async () => assert.equal(await passed.count(), 0));
  });

  step("calls: request and response are shown, a replay sends the same", async (given) => {
    const { page, stage } = given;
    const body = JSON.stringify({ asked: ["one", "двa", "🙂"] });
    await stage.client.fetchFunction({
      method: "POST",
      path: "/echo?a=1&a=2",
      headers: {
        "content-type": "application/json",
        "x-own": "<i>yes</i>",
        authorization: "Bearer s3cret-of-mine",
      },
      body: Buffer.from(body),
    });
    await open(page, stage, "calls");
    await page.locator("tr", { hasText: "/echo" }).first().getByRole("link").click();
    const request = page.getByRole("region", { name: "Request", exact: true });
    await request.getByText("<i>yes</i>").waitFor();
    await request.getByText("a secret, not shown").waitFor();
    await request.locator(".json-key", { hasText: "asked" }).waitFor();
    const response = page.getByRole("region", { name: "Response", exact: true });
    await response.getByText("status 200").waitFor();
    await response.getByText("x-echo").waitFor();
    assert.doesNotMatch((await page.content()).toString(), /s3cret-of-mine/);
    await page.screenshot({ path: join(PICTURES, "call-exchange-dark.png"), fullPage: true });

    const saved = await downloaded(page, () =>
      page.getByText("Save as sample", { exact: true }).click(),
    );
    const sample = JSON.parse(saved.toString());
    assert.deepEqual(
      [sample.method, sample.path, sample.body, sample.headers],
      [
        "POST",
        "/echo?a=1&a=2",
        body,
        { "content-type": "application/json", "x-own": "<i>yes</i>" },
      ],
    );

    await page.getByText("Invoke again", { exact: true }).click();
    await page.getByText("Not filled in: the values of authorization.").first().waitFor();
    await page.getByText("Send", { exact: true }).click();
    await page.getByText("status 200").waitFor();
    const { calls } = await stage.client.call("calls", { query: { function: "echo", limit: 2 } });
    assert.equal(calls.length, 2);
    const both = await Promise.all(
      calls.map(({ id }) => stage.client.call("callExchange", { path: { id: String(id) } })),
    );
    const [again, before] = both.map(({ exchange }) => exchange.request);
    assert.equal(again?.body_base64, before?.body_base64);
    assert.equal(again?.headers["x-own"], "<i>yes</i>");
    assert.equal(again?.headers["x-moc-url-query"], "a=1&a=2");
  });

  step("calls: bytes are kept as bytes; a streamed answer shows its beginning", async (given) => {
    const { page, stage } = given;
    await stage.client.fetchFunction({
      method: "POST",
      path: "/echo",
      body: new Uint8Array([0, 1, 254, 255]),
    });
    await open(page, stage, "calls");
    await page.locator("tr", { hasText: "/echo" }).first().getByRole("link").click();
    await page.getByText("00 01 fe ff").first().waitFor();
    await page.getByText("Invoke again", { exact: true }).click();
    await page.getByText("Body: bytes of the sample, 4 B").waitFor();
    await page.getByText("Send", { exact: true }).click();
    await page.getByText("00 01 fe ff").waitFor();
    await stage.client.fetchFunction({ path: "/long" });
    await open(page, stage, "calls");
    await page.locator("tr", { hasText: "/long" }).first().getByRole("link").click();
    await page.getByText("The runtime keeps the first 16.0 KiB of a body.").waitFor();
    await page.getByText("293 KiB").first().waitFor();
  });

  step("calls: of a failure there is the request, and where it failed", async ({ page, stage }) => {
    await stage.client.fetchFunction({ path: "/failing", headers: { "x-why": "to see it" } });
    await open(page, stage, "calls");
    await page.locator("tr", { hasText: "/failing" }).first().getByRole("link").click();
    await page.getByText("None: the call failed.").waitFor();
    await page.getByText("to see it").waitFor();
    await page.getByText("this always fails").first().waitFor();
  });

  step("invoke: path parameters, an answer, and what changed since the last", async (given) => {
    const { page, stage } = given;
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
  });

  step("invoke: by name, with a file as the input", async ({ page, stage }) => {
    await open(page, stage, "invoke");
    await choose(page, "How", "by name, direct");
    await choose(page, "Function", "echo");
    const choosing = page.waitForEvent("filechooser");
    await page.getByText("File…", { exact: true }).click();
    const buffer = Buffer.from("out of a file");
    await (await choosing).setFiles({ name: "in.bin", mimeType: "text/plain", buffer });
    await page.getByText("Input: in.bin, 13 B").waitFor();
    await page.getByText("Send", { exact: true }).click();
    await page.getByText("out of a file").waitFor();
    await choose(page, "How", "by URL");
  });

  step("gpu: a shader runs on the software adapter, its controls run it again", async (given) => {
    const { page, stage, t } = given;
    const { gpu } = await stage.client.call("gpu");
    const description = gpu as { readonly available: boolean; readonly reason?: string };
    if (!description.available) return t.skip(`no adapter here: ${description.reason}`);
    await open(page, stage, "gpu/rings");
    await page.locator("moc-picture canvas").waitFor();
    await page.getByText("96 × 64").waitFor();
    const before = await inkOf(page, "moc-picture canvas");
    await page.locator("#slider-strength").fill("1");
    await eventually(async () => assert.notEqual(await inkOf(page, "moc-picture canvas"), before));
    await page.locator("moc-picture canvas").hover();
    await page.getByText(/\(\d+, \d+\) = /).waitFor();
    await page.locator(".stack").first().waitFor();
    await page.screenshot({ path: join(PICTURES, "gpu-result-dark.png") });
    await choose(page, "Result as", "Table");
    await page.locator("pre.table").waitFor();
    await choose(page, "Result as", "Hex");
    await page.locator("pre.table").waitFor();
    await choose(page, "Result as", "Heat map");
    await page.locator("moc-heat-map canvas").waitFor();
    await page.screenshot({ path: join(PICTURES, "gpu-heat-map-dark.png") });
    const png = await downloaded(page, () => page.getByText("Save PNG", { exact: true }).click());
    assert.equal(png.toString("latin1", 1, 4), "PNG");
    const raw = await downloaded(page, () => page.getByText("Save raw", { exact: true }).click());
    assert.equal(raw.length, 96 * 64 * 16);
    await open(page, stage, "gpu/broken");
    const source = page.locator("pre.source");
    await source.getByText("let x: u32 = 1.5;").waitFor();
    await source.locator(".err").waitFor();
    await page.screenshot({ path: join(PICTURES, "gpu-problem-dark.png") });
  });
});
