import assert from "node:assert/strict";
import { join } from "node:path";
import { open } from "./dashboard-page.ts";
import { PICTURES } from "./dashboard-stage.ts";
import { dashboardSteps } from "./dashboard-steps.ts";

dashboardSteps("the dashboard when its runtime goes and comes", { keys: 0 }, (step) => {
  step(
    "a killed runtime is told; a restarted one is taken up, with what it kept",
    async (given) => {
      const { page, stage } = given;
      await stage.client.fetchFunction({ path: "/hello/before" });
      await open(page, stage, "calls");
      await page.locator("tr", { hasText: "/hello/before" }).first().waitFor();
      await stage.kill();
      await page.getByText("The runtime does not answer; is it running?").waitFor();
      await page.getByText("not reachable").waitFor();
      await page.screenshot({ path: join(PICTURES, "killed-dark.png") });
      await stage.restart();
      await page.getByText("The runtime does not answer").waitFor({ state: "detached" });
      // Calls are counted anew: those of the process before must not pass for those of this one.
      await page.locator("tr", { hasText: "/hello/before" }).first().waitFor({ state: "detached" });
      await stage.client.fetchFunction({ path: "/hello/after" });
      await page.locator("tr", { hasText: "/hello/after" }).first().waitFor();
      await page.locator("nav a", { hasText: "Overview" }).click();
      await page.locator(".events").getByText("started anew").waitFor();
      await page.screenshot({ path: join(PICTURES, "restarted-dark.png") });
    },
  );

  step(
    "a network that was cut off is told, and what was missed is there afterwards",
    async (given) => {
      const { page, stage, context } = given;
      await open(page, stage, "logs");
      await stage.client.fetchFunction({ path: "/flood?count=1&from=1000" });
      await page.getByText("flood line 1000").first().waitFor();
      await context.setOffline(true);
      await page.getByText("The runtime does not answer").waitFor();
      await page.screenshot({ path: join(PICTURES, "offline-dark.png") });
      await stage.client.fetchFunction({ path: "/flood?count=1&from=2000" });
      await context.setOffline(false);
      await page.getByText("The runtime does not answer").waitFor({ state: "detached" });
      await page.getByText("flood line 2000").first().waitFor();
      assert.equal(await page.getByText("flood line 1000").count(), 1);
    },
  );

  step("what the user does without a runtime fails in words", async ({ page, stage }) => {
    await open(page, stage, "plugs");
    await page.getByText("Which one answers?").waitFor();
    await open(page, stage, "invoke/hello");
    await page.getByRole("textbox", { name: "Path parameter name" }).fill("x");
    await stage.kill();
    await page.getByText("Send", { exact: true }).click();
    await page.getByText("The runtime does not answer").first().waitFor();
    await page.locator("nav a", { hasText: "Key-value" }).click();
    await page.locator("main").getByText("MOC_UNREACHABLE").first().waitFor();
    await page.screenshot({ path: join(PICTURES, "unreachable-kv-dark.png") });
    await stage.restart();
    await page.getByText("The runtime does not answer").waitFor({ state: "detached" });
  });
});
