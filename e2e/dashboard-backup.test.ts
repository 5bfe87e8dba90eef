import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { open } from "./dashboard-page.ts";
import { PICTURES } from "./dashboard-stage.ts";
import { dashboardSteps } from "./dashboard-steps.ts";

const ARCHIVE = join(PICTURES, "backup.tar.gz");
const LARGE = 24 * 2 ** 20;

dashboardSteps("the dashboard's backup", { keys: 0, scheme: "light" }, (step) => {
  step("everything is exported and comes back, with its progress", async ({ page, stage }) => {
    // What cannot be compressed takes its time on the way.
    await stage.client.call("kvPut", { path: { key: "large" }, body: randomBytes(LARGE) });
    await stage.client.call("kvPut", { path: { key: "a" }, body: new Uint8Array([1]) });
    await open(page, stage, "backup");
    const waiting = page.waitForEvent("download");
    await page.getByText("Export", { exact: true }).click();
    const download = await waiting;
    assert.match(download.suggestedFilename(), /^my-own-cluster-.*\.tar\.gz$/);
    await page.getByText(/Exported \d+\.\d MiB/).waitFor();
    await download.saveAs(ARCHIVE);
    await stage.client.call("kvDelete", { path: { key: "a" } });

    // Slow enough to be seen: what is told of the upload must be the upload.
    const network = await page.context().newCDPSession(page);
    await network.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: 12 * 2 ** 20,
    });
    const choosing = page.waitForEvent("filechooser");
    await page.getByText("Choose an archive…").click();
    await (await choosing).setFiles(ARCHIVE);
    await page.getByText("Replace everything", { exact: true }).click();
    await page.getByText(/^\s*[1-9]\d? %/).waitFor();
    await page.screenshot({ path: join(PICTURES, "backup-progress-light.png") });
    await page.getByText(/Restored \d+ entries/).waitFor();
    await network.detach();
    const { bytes } = await stage.client.bytes("kvGet", { path: { key: "a" } });
    assert.deepEqual([...bytes], [1]);
    // The functions are there as before, and the page goes on.
    await open(page, stage, "functions");
    await page.getByRole("link", { name: "hello", exact: true }).waitFor();
  });

  step("what is no backup changes nothing, and says so", async ({ page, stage }) => {
    await open(page, stage, "backup");
    const choosing = page.waitForEvent("filechooser");
    await page.getByText("Choose an archive…").click();
    const buffer = randomBytes(100_000);
    await (await choosing).setFiles({ name: "x.gz", mimeType: "application/gzip", buffer });
    await page.getByText("Replace everything", { exact: true }).click();
    await page.getByText(/Restoring failed\. MOC_/).waitFor();
    await page.screenshot({ path: join(PICTURES, "backup-failed-light.png") });
    const { bytes } = await stage.client.bytes("kvGet", { path: { key: "a" } });
    assert.deepEqual([...bytes], [1]);
  });

  step("who changes their mind is not asked again", async ({ page, stage }) => {
    await open(page, stage, "backup");
    const choosing = page.waitForEvent("filechooser");
    await page.getByText("Choose an archive…").click();
    await (await choosing).setFiles(ARCHIVE);
    await page.getByRole("dialog").getByText("Cancel", { exact: true }).click();
    assert.equal(await page.locator("progress").count(), 0);
    assert.equal(await page.getByRole("dialog").count(), 0);
  });
});
