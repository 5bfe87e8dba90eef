import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { Meter, open, percent } from "./dashboard-page.ts";
import type { Stage } from "./dashboard-stage.ts";
import { dashboardSteps } from "./dashboard-steps.ts";

/** Half an hour of sixty events a second. */
const MINUTES = 30;
const EVENTS_A_SECOND = 60;
/** Each call is three events: the report of the filter before it, its line in the log, its report. */
const EVENTS_A_CALL = 3;
/** The longest list of the page (24,000 lines, 20 a second) is full by then. */
const SETTLED_MINUTES = 20;

dashboardSteps("the dashboard under load", { keys: 0 }, (step) => {
  step("50,000 log lines in ten seconds stay fluid", async ({ page, stage, t }) => {
    await open(page, stage, "logs/flood");
    const meter = await Meter.of(page);
    const used = await meter.during(() =>
      Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          await sleep(index * 190);
          await stage.client.fetchFunction({ path: `/flood?count=1000&from=${index * 1000}` });
        }),
      ),
    );
    await stage.client.fetchFunction({ path: "/flood?count=1&from=777777" });
    await page.getByText("flood line 777777").first().waitFor();
    const rows = await page.locator("moc-virtual-list .log-line").count();
    t.diagnostic(
      `50,000 lines in ${used.seconds.toFixed(1)} s: scripting ${percent(used.script)} of a core, all tasks ${percent(used.task)}; ${rows} rows exist`,
    );
    assert.ok(rows < 200, `${rows} rows`);
    assert.ok(used.script < 0.9, `scripting took ${used.script} of a core`);
    await page.getByText("Pause", { exact: true }).click();
    await page.getByText("paused ·").waitFor();
    await page.getByRole("textbox", { name: "Text" }).fill("line 777777");
    await page.getByText(/paused · 1 line\b/).waitFor();
    await page.getByText("Copy", { exact: true }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /flood line 777777$/);
    await page.getByRole("textbox", { name: "Text" }).fill("");
    await page.getByText("Resume", { exact: true }).click();
  });

  for (const section of ["overview", "calls", "logs"]) {
    step(`sixty events a second cost little: ${section}`, async ({ page, stage, t }) => {
      await open(page, stage, section);
      await page.locator("h1").waitFor();
      await eventsFor(stage, 2);
      const meter = await Meter.of(page);
      const used = await meter.during(() => eventsFor(stage, 10));
      t.diagnostic(
        `60 events/s on ${section}: scripting ${percent(used.script)} of a core, all tasks ${percent(used.task)}`,
      );
      assert.ok(used.script < 0.5, `scripting took ${used.script} of a core`);
    });
  }

  step(`memory is flat over ${MINUTES} simulated minutes`, async ({ page, stage, t }) => {
    // The page's clock is driven: its timers, refreshes and charts live through all the minutes.
    // Calls, events, their way to the page and everything that it asks for are real.
    await page.clock.install();
    await open(page, stage, "overview");
    await page.reload();
    await page.locator(".tile").first().waitFor();
    const meter = await Meter.of(page);
    const points: { readonly minute: number; readonly heap: number }[] = [];
    for (let minute = 1; minute <= MINUTES; minute++) {
      await visit(page, minute);
      await oneMinute(page, stage);
      if (minute % 2 !== 0) continue;
      await visit(page, 0);
      await page.clock.runFor(1000);
      points.push({ minute, heap: await meter.heapMiB() });
    }
    const figures = points.map(({ minute, heap }) => `${minute} min ${heap}`).join(", ");
    const events = MINUTES * 60 * EVENTS_A_SECOND;
    t.diagnostic(`heap in MiB over ${events} events: ${figures}`);
    assert.equal(await page.getByText("events dropped").count(), 0, "the page has seen all events");
    const settled = points.filter(({ minute }) => minute >= SETTLED_MINUTES);
    const slope = slopeOf(settled);
    t.diagnostic(`from minute ${SETTLED_MINUTES} on: ${(1024 * slope).toFixed(1)} KiB a minute`);
    assert.ok(slope < 0.1, `the heap grows by ${slope} MiB a minute: ${figures}`);
  });
});

/** Sections in turn: what one of them leaves behind counts too. */
async function visit(page: Page, minute: number): Promise<void> {
  const sections = ["Overview", "Functions", "Calls", "Logs", "Plugs", "Key-value"];
  const title = sections[minute % sections.length] ?? "Overview";
  await page.locator("nav a", { hasText: title }).click();
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
}

/** A minute of the page's time, with all that happens in it; as fast as the runtime goes. */
async function oneMinute(page: Page, stage: Stage): Promise<void> {
  const STEP_S = 5;
  for (let second = 0; second < 60; second += STEP_S) {
    await calls(stage, (STEP_S * EVENTS_A_SECOND) / EVENTS_A_CALL, second);
    await page.clock.runFor(STEP_S * 1000);
  }
}

async function calls(stage: Stage, count: number, from: number): Promise<void> {
  const AT_ONCE = 10;
  const path = `/flood?count=1&from=${from}`;
  const worker = async (_: unknown, index: number) => {
    for (let i = index; i < count; i += AT_ONCE) await stage.client.fetchFunction({ path });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Sixty events a second, evenly. */
async function eventsFor(stage: Stage, seconds: number): Promise<void> {
  const TICKS = 10;
  const each = EVENTS_A_SECOND / TICKS / EVENTS_A_CALL;
  for (let tick = 0; tick < seconds * TICKS; tick++) {
    await Promise.all([calls(stage, each, tick), sleep(1000 / TICKS)]);
  }
}

/** Least squares, in MiB a minute. */
function slopeOf(points: readonly { readonly minute: number; readonly heap: number }[]): number {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const minute = mean(points.map((one) => one.minute));
  const heap = mean(points.map((one) => one.heap));
  const above = points.reduce((sum, one) => sum + (one.minute - minute) * (one.heap - heap), 0);
  const below = points.reduce((sum, one) => sum + (one.minute - minute) ** 2, 0);
  return above / below;
}
