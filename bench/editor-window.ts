/**
 * From asking for a window to a live function, the runtime cold: for a new user, whose browser has
 * everything to fetch and to compile, and for the same user again, as an editor on a desktop is
 * started. Beside it the workbench alone: the same window on a folder without functions.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BrowserContext } from "playwright-core";
import { startProfile } from "../e2e/browser.ts";
import { clientOf, type Editor, eventually, isAlive } from "../e2e/scenario.ts";
import type { InstanceFile } from "../runtime/protocol/model.ts";
import type { Report } from "./report.ts";

/** The most that is waited for what takes seconds. */
export const WAIT_MS = 60_000;
/** What the issue wants from a window asked for to a live function. */
const LIVE_MS = 3000;
/** What is left of it where a desktop's window takes half of it until its extension host starts. */
const HOST_TO_LIVE_MS = 1500;
const HOST_STARTED = /Extension host with pid \d+ started/;
/** V8 keeps compiled code of what it has seen twice. */
const WARMING = 2;
const WARM_ROUNDS = 3;

/** Times in ms since the window was asked for. */
interface Opening {
  /** The extension host began to look for what to activate. */
  readonly host: number;
  /** The editor began to load our extension. */
  readonly loaded: number;
  readonly live: number;
}

/** @param folder - workspace with the function hello, deployed before; no runtime lives */
export async function measureWindow(report: Report, editor: Editor, folder: string): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), "moc-profile-"));
  const context = await startProfile(profile);
  try {
    const empty = await editor.workspace();
    const first = await opening(editor, context, folder);
    const alone: number[] = [];
    const warm: Opening[] = [];
    for (let round = 0; round < WARMING + WARM_ROUNDS; round++) {
      const bare = await workbenchAlone(editor, context, empty);
      const again = await opening(editor, context, folder);
      if (round < WARMING) continue;
      alone.push(bare);
      warm.push(again);
    }
    addOpenings(report, "new profile", [first]);
    addOpenings(report, "warm profile", warm);
    add(report, "  workbench alone, to its extension host", median(alone));
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  }
}

function addOpenings(report: Report, profile: string, openings: readonly Opening[]): void {
  const middle = (ms: (one: Opening) => number): number => median(openings.map(ms));
  const whole = middle(({ live }) => live);
  add(report, `window to live function, ${profile}`, whole, LIVE_MS);
  const fromHost = middle(({ host, live }) => live - host);
  add(report, "  of it from the extension host's start", fromHost, HOST_TO_LIVE_MS);
  const ours = middle(({ loaded, live }) => live - loaded);
  add(report, "  of it from loading the extension", ours);
}

/** One window with a function; its runtime is stopped again. */
async function opening(editor: Editor, context: BrowserContext, folder: string): Promise<Opening> {
  const page = await context.newPage();
  const asked = Date.now();
  try {
    await page.goto(editor.server.windowUrl(folder), { waitUntil: "commit" });
    const instance = await answering(editor);
    const live = Date.now() - asked;
    const host = await hostTime(editor, HOST_STARTED, asked);
    const loaded = await hostTime(editor, /_doActivateExtension my-own-cluster\./, asked);
    await stop(instance);
    return { host, loaded, live };
  } finally {
    await page.close();
  }
}

/** One window on a folder that wants none of us. */
async function workbenchAlone(
  editor: Editor,
  context: BrowserContext,
  folder: string,
): Promise<number> {
  const page = await context.newPage();
  const asked = Date.now();
  try {
    await page.goto(editor.server.windowUrl(folder), { waitUntil: "commit" });
    return await eventually(() => hostTime(editor, HOST_STARTED, asked), WAIT_MS);
  } finally {
    await page.close();
  }
}

/** Ends a runtime, and waits until it is gone. */
export async function stop(instance: InstanceFile): Promise<void> {
  const client = clientOf(instance);
  await client.call("stop");
  client.close();
  while (isAlive(instance.pid)) await sleep(20);
}

/** Tries at once and all the time until the function answers. */
async function answering(editor: Editor): Promise<InstanceFile> {
  for (const deadline = Date.now() + WAIT_MS; ; await sleep(5)) {
    const [instance] = await editor.instances();
    if (instance && isAlive(instance.pid) && (await isLive(instance))) return instance;
    if (Date.now() > deadline) throw new Error("no function is live");
  }
}

async function isLive(instance: InstanceFile): Promise<boolean> {
  const client = clientOf(instance);
  try {
    return (await client.fetchFunction({ path: "/hello" })).status === 200;
  } catch {
    // Its instance file comes before its answers.
    return false;
  } finally {
    client.close();
  }
}

/** When the extension host of the last window wrote a line of its log. */
async function hostTime(editor: Editor, pattern: RegExp, asked: number): Promise<number> {
  const logs = join(editor.server.base, "data", "logs");
  const files = (await readdir(logs, { recursive: true })).filter((file) =>
    file.endsWith("remoteexthost.log"),
  );
  const texts = await Promise.all(files.map((one) => readFile(join(logs, one), "utf8")));
  const times = texts
    .flatMap((text) => text.split("\n"))
    .filter((line) => pattern.test(line))
    .map((line) => Date.parse(`${line.slice(0, 23).replace(" ", "T")}Z`));
  const last = Math.max(...times.filter((time) => time >= asked));
  if (!Number.isFinite(last)) throw new Error(`the extension host has not written ${pattern}`);
  return last - asked;
}

function add(report: Report, name: string, value: number, limit?: number): void {
  report.add({
    group: "editor",
    name,
    value,
    unit: "ms",
    ...(limit !== undefined && { target: { sense: "at most", limit, of: "issue" } }),
  });
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
