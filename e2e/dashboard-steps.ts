import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { PICTURES, type Scheme, Stage, type Watched, watch } from "./dashboard-stage.ts";

/** One of several steps in the same page of a signed-in browser. */
type Step = (
  name: string,
  run: (given: {
    readonly page: Page;
    readonly stage: Stage;
    readonly context: BrowserContext;
    readonly watched: Watched;
    readonly t: TestContext;
  }) => Promise<void>,
) => void;

interface StepsOptions {
  /** Keys in the store before the runtime starts. */
  readonly keys: number;
  readonly scheme?: Scheme;
}

/** Steps on a stage of their own; a picture is kept when one fails. */
export function dashboardSteps(
  title: string,
  { keys, scheme = "dark" }: StepsOptions,
  define: (step: Step) => void,
): void {
  describe(title, () => {
    let stage: Stage | string = "not set up";
    let opened: {
      readonly context: BrowserContext;
      readonly page: Page;
      readonly watched: Watched;
    };
    before(async () => {
      stage = await Stage.set(keys);
      if (typeof stage === "string") return;
      const context = await stage.visitor(scheme);
      const page = await context.newPage();
      opened = { context, page, watched: watch(page) };
    });
    after(async () => {
      if (typeof stage !== "string") await stage[Symbol.asyncDispose]();
    });
    define((name, run) => {
      test(name, async (t) => {
        if (typeof stage === "string") return t.skip(`no real browser here: ${stage}`);
        try {
          await run({ ...opened, stage, t });
        } catch (error) {
          const file = `failed-${t.name.replace(/\W+/g, "-")}.png`;
          await opened.page.screenshot({ path: join(PICTURES, file) });
          throw error;
        }
      });
    });
  });
}
