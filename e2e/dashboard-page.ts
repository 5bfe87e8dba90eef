/** What tests do with a page of the dashboard, and how they measure it. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { CDPSession, Page } from "playwright-core";
import type { Stage } from "./dashboard-stage.ts";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Opens a place of the dashboard: a section, or what of it (`functions/hello`). */
export async function open(page: Page, stage: Stage, place: string): Promise<void> {
  await page.goto(`${stage.url}/dashboard/#${place}`);
  await page.locator("moc-dashboard main").waitFor();
}

/** Chooses in a dropdown of the toolkit. */
export async function choose(page: Page, label: string, option: string): Promise<void> {
  const dropdown = page.getByRole("combobox", { name: label, exact: true });
  await dropdown.click();
  await dropdown.getByRole("option", { name: option, exact: true }).click();
}

/** The content of the file that an action gives the user. */
export async function downloaded(page: Page, action: () => Promise<void>): Promise<Buffer> {
  const waiting = page.waitForEvent("download");
  await action();
  return readFile(await (await waiting).path());
}

/** A sum over all pixels of a canvas: another picture has another sum. */
export function inkOf(page: Page, canvas: string): Promise<number> {
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

/** Work of a page's main thread, as shares of one core. */
interface Work {
  /** Scripts and the collection of their garbage, by the profiler's samples. */
  readonly script: number;
  /** All tasks: scripts, style, layout and paint, and waiting for the processor. */
  readonly task: number;
  readonly seconds: number;
}

/** How busy a page's main thread is, by the browser's own count. */
export class Meter {
  readonly #session: CDPSession;

  private constructor(session: CDPSession) {
    this.#session = session;
  }

  static async of(page: Page): Promise<Meter> {
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    await session.send("Profiler.enable");
    await session.send("Profiler.setSamplingInterval", { interval: 500 });
    return new Meter(session);
  }

  /**
   * What the page does while something runs. The metric `ScriptDuration` leaves out what streams
   * and promises run, so scripts are counted by samples.
   */
  async during(run: () => Promise<unknown>): Promise<Work> {
    const tasksBefore = await this.#taskSeconds();
    const started = performance.now();
    await this.#session.send("Profiler.start");
    await run();
    const { profile } = await this.#session.send("Profiler.stop");
    const seconds = (performance.now() - started) / 1000;
    const task = ((await this.#taskSeconds()) - tasksBefore) / seconds;
    return { script: scriptSeconds(profile) / seconds, task, seconds };
  }

  /** What is left on the page's heap after collecting garbage. */
  async heapMiB(): Promise<number> {
    await this.#session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await this.#session.send("Runtime.getHeapUsage");
    return Math.round((100 * usedSize) / 2 ** 20) / 100;
  }

  async #taskSeconds(): Promise<number> {
    const { metrics } = await this.#session.send("Performance.getMetrics");
    return metrics.find((one) => one.name === "TaskDuration")?.value ?? 0;
  }
}

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string };
  }[];
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
}

function scriptSeconds({ nodes, samples = [], timeDeltas = [] }: Profile): number {
  const names = new Map(nodes.map((one) => [one.id, one.callFrame.functionName]));
  const microseconds = samples.reduce((sum, id, index) => {
    const outside = NOT_SCRIPT.has(names.get(id) ?? "");
    return outside ? sum : sum + (timeDeltas[index] ?? 0);
  }, 0);
  return microseconds / 1e6;
}

/** What the profiler calls the time without scripts. */
const NOT_SCRIPT: ReadonlySet<string> = new Set(["(idle)", "(program)", "(root)"]);

/** Serious findings of axe, by rule and element. */
export async function axe(page: Page): Promise<readonly string[]> {
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

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
