import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { downloaded, open } from "./dashboard-page.ts";
import { PICTURES } from "./dashboard-stage.ts";
import { dashboardSteps } from "./dashboard-steps.ts";

const text = (value: string) => new TextEncoder().encode(value);

dashboardSteps("the dashboard's store, with a million keys", { keys: 1_000_000 }, (step) => {
  step("a prefix of a million keys opens at once, page by page", async ({ page, stage, t }) => {
    await open(page, stage, "kv");
    await page.getByText("many/…").waitFor();
    const grouped = await timed(async () => {
      await page.getByText("many/…").click();
      await page.getByText("many/9/…").waitFor();
    });
    const first = await timed(async () => {
      await page.getByText("many/3/…").click();
      await page.getByText("many/3/0000003").waitFor();
    });
    await page.getByText("group by /").click();
    await page.getByText("many/3/0000003").waitFor();
    const flat = await timed(async () => {
      await page.getByRole("textbox", { name: "Prefix" }).fill("many/");
      await page.keyboard.press("Enter");
      await page.getByText("many/0/0000000").waitFor();
    });
    t.diagnostic(
      `a million keys: groups ${grouped} ms, first page of a group ${first} ms, of all ${flat} ms`,
    );
    assert.ok(first < 1500 && flat < 1500, `the first page took ${first} and ${flat} ms`);
    assert.equal(await page.locator("tbody tr").count(), 100);
    await page.getByText("Next", { exact: true }).click();
    await page.getByText("many/0/0001000").waitFor();
    await page.getByText("Back", { exact: true }).click();
    await page.getByText("many/0/0000000").waitFor();
    await page.getByText("group by /").click();
  });

  step("JSON is shown and edited, and a conflict told before it is lost", async (given) => {
    const { page, stage } = given;
    await stage.client.call("kvPut", {
      path: { key: "own/one" },
      body: text('{"count":[1,2,3],"html":"<b>x</b>"}'),
    });
    await open(page, stage, "kv/own%2F");
    await page.getByText("own/one").click();
    await page.locator(".json-key", { hasText: "count" }).waitFor();
    await page.getByText('"<b>x</b>"').first().waitFor();
    await page.getByText("Edit", { exact: true }).click();
    await page.getByRole("textbox", { name: "Value" }).fill("mine");
    await stage.client.call("kvPut", { path: { key: "own/one" }, body: text("theirs") });
    await page.getByText("Save", { exact: true }).click();
    await page.getByText("was changed by somebody else").waitFor();
    await page.screenshot({ path: join(PICTURES, "kv-conflict-dark.png") });
    await page.getByText("Overwrite", { exact: true }).click();
    await page.getByText("Saved.").first().waitFor();
    const { bytes } = await stage.client.bytes("kvGet", { path: { key: "own/one" } });
    assert.equal(new TextDecoder().decode(bytes), "mine");
  });

  step("bytes are shown and edited as hex, pictures as pictures", async ({ page, stage }) => {
    await stage.client.call("kvPut", {
      path: { key: "raw/bytes" },
      body: new Uint8Array([0, 1, 254, 255]),
    });
    await stage.client.call("kvPut", { path: { key: "raw/picture" }, body: PNG });
    await open(page, stage, "kv/raw%2F");
    await page.getByRole("link", { name: "raw/bytes" }).click();
    await page.getByText("00 01 fe ff").last().waitFor();
    await page.getByText("Edit", { exact: true }).click();
    await page.getByRole("textbox", { name: "Value" }).fill("0x");
    await page.getByText("Save", { exact: true }).click();
    await page.getByText("This is not hex").first().waitFor();
    await page.getByRole("textbox", { name: "Value" }).fill("de ad be ef");
    await page.getByText("Save", { exact: true }).click();
    await page.getByText("Saved.").first().waitFor();
    const { bytes } = await stage.client.bytes("kvGet", { path: { key: "raw/bytes" } });
    assert.deepEqual([...bytes], [0xde, 0xad, 0xbe, 0xef]);
    await page.getByRole("link", { name: "raw/picture" }).click();
    await page.getByText("2 × 2").waitFor();
  });

  step("a large value is cut, with a download", async ({ page, stage }) => {
    await open(page, stage, "kv");
    await page.getByRole("link", { name: "big" }).click();
    await page.getByText("Only the beginning is shown").waitFor();
    const file = await downloaded(page, () => page.getByText("Download", { exact: true }).click());
    assert.equal(file.length, 3_000_000);
  });

  step("a key is added, exported, deleted and imported again", async ({ page, stage, t }) => {
    await open(page, stage, "kv/fresh%2F");
    await page.getByText("New key", { exact: true }).click();
    await page.getByRole("textbox", { name: "Key", exact: true }).fill("fresh/ключ 🔑");
    await page.getByRole("textbox", { name: "Value" }).fill("first");
    await page.getByText("Create", { exact: true }).click();
    await page.getByRole("link", { name: "fresh/ключ 🔑" }).waitFor();
    const exported = await downloaded(page, () =>
      page.getByText("Export", { exact: true }).click(),
    );
    await page.getByText("1 keys exported").first().waitFor();
    assert.equal(JSON.parse(exported.toString()).entries.length, 1);
    await page.getByRole("link", { name: "fresh/ключ 🔑" }).click();
    await page.getByText("Delete", { exact: true }).click();
    await page.getByRole("dialog").getByText("Delete", { exact: true }).click();
    await page.getByText("No key starts with").waitFor();
    const file = join(PICTURES, `keys-${t.name.length}.json`);
    await writeFile(file, exported);
    const choosing = page.waitForEvent("filechooser");
    await page.getByText("Import", { exact: true }).click();
    await (await choosing).setFiles(file);
    await page.getByRole("dialog").getByText("Import", { exact: true }).click();
    await page.getByRole("link", { name: "fresh/ключ 🔑" }).waitFor();
  });

  step("an export of many keys tells how far it is, and can be stopped", async (given) => {
    const { page, stage } = given;
    await open(page, stage, "kv/many%2F");
    await page.getByText("Export", { exact: true }).click();
    await page.getByText("Exporting…").waitFor();
    await page.getByText("Stop", { exact: true }).click();
    await page.getByText("Stopped: nothing was saved.").first().waitFor();
  });
});

async function timed(run: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await run();
  return Math.round(performance.now() - started);
}

/** Two by two, red. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAADklEQVR4XmP4zwBCUAoAH+4D/erbkM4AAAAASUVORK5CYII=",
  "base64",
);
