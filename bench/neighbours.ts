/** What a misbehaving function costs the others, and how soon it is ended. */
import { spawn } from "node:child_process";
import { HELLO_CLASSIC } from "./guests.ts";
import { deploy, type Instance, startInstance } from "./instance.ts";
import { load } from "./load.ts";
import type { LoadPlan, LoadResult } from "./load-generator.ts";
import { residentBytes } from "./peers.ts";
import type { Report } from "./report.ts";

const CPU_MS = 500;
const MEMORY_MIB = 64;
const SAMPLE_MS = 20;

/** The culprit before it goes wrong. */
const BEHAVES = "function run() { return 200; }";

/** One culprit of each kind. */
const CULPRITS: Readonly<Record<string, string>> = {
  "loops for ever": "function run() { for (;;); }",
  "eats memory":
    "function run() { var all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1)); }",
  "floods the log": "function run() { for (;;) console.log('flood flood flood flood flood'); }",
  "leaks buffers":
    "function run() { var moc = requireApi('core'); for (;;) moc.createExchangeBuffer(); }",
};

interface Disturbed {
  readonly others: LoadResult;
  readonly longestMs: number;
  /** Resident memory of the process at its highest, in bytes. */
  readonly mostBytes: number;
}

/** Loads the others while the culprit is called again and again. */
async function disturb(
  instance: Instance,
  plan: LoadPlan,
  code: string,
  isExpected: (status: number) => boolean,
): Promise<Disturbed> {
  await deploy(instance.client, {
    name: "culprit",
    contentType: "text/javascript",
    code,
    settings: { start: "run", limits: { cpuMs: CPU_MS, timeoutMs: 2000, memoryMiB: MEMORY_MIB } },
  });
  let longestMs = 0;
  let mostBytes = 0;
  let running = true;
  const trouble = async () => {
    while (running) {
      const startedAt = performance.now();
      const answer = await fetch(`${instance.http}/culprit`);
      await answer.text();
      if (!isExpected(answer.status)) throw new Error(`${code} answered ${answer.status}`);
      longestMs = Math.max(longestMs, performance.now() - startedAt);
    }
  };
  // Also in the middle of a call: at its end a culprit may have let go of what it took.
  const watch = async () => {
    while (running) {
      mostBytes = Math.max(mostBytes, await residentBytes(instance.pid));
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    }
  };
  const both = Promise.all([trouble(), watch()]);
  const others = await load(plan);
  running = false;
  await both;
  return { others, longestMs, mostBytes };
}

/** Loads the others while a process that has nothing to do with the runtime computes. */
async function besideLoop(plan: LoadPlan): Promise<LoadResult> {
  const child = spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
  try {
    return await load(plan);
  } finally {
    child.kill("SIGKILL");
  }
}

export async function measureNeighbours(report: Report, durationMs: number): Promise<void> {
  const instance = await startInstance();
  await deploy(instance.client, {
    name: "hello",
    contentType: "text/javascript",
    code: HELLO_CLASSIC,
    settings: { start: "hello" },
  });
  const url = `${instance.http}/hello`;
  const plan = { url, connections: 4, durationMs, warmupMs: 500, rate: 400 };
  // What two functions and their calls need when nothing is wrong is no growth: before anything is
  // compared, both are called as much as they can be, so that V8's heaps have the size that they keep.
  const busy = { url, connections: 32, durationMs, warmupMs: 500 };
  await disturb(instance, busy, BEHAVES, (status) => status < 400);
  const calm = await load(plan);
  const before = await residentBytes(instance.pid);
  report.add({
    group: "neighbours",
    name: "p99 of the others, undisturbed",
    value: calm.p99Ms,
    unit: "ms",
  });
  report.add({
    group: "neighbours",
    name: "p99 of the others while a process of its own loops",
    value: (await besideLoop(plan)).p99Ms,
    unit: "ms",
    note: "what the system's scheduler makes of one more that computes",
  });
  for (const [name, code] of Object.entries(CULPRITS)) {
    const { others, longestMs, mostBytes } = await disturb(
      instance,
      plan,
      code,
      (status) => status >= 400,
    );
    report.add({
      group: "neighbours",
      name: `p99 of the others while one ${name}`,
      value: others.p99Ms,
      unit: "ms",
      target: { sense: "at most", limit: calm.p99Ms * 2, of: "2 x undisturbed" },
    });
    report.add({
      group: "neighbours",
      name: `longest call of the one that ${name}`,
      value: longestMs,
      unit: "ms",
      target: { sense: "at most", limit: CPU_MS + 100, of: "limit + 100" },
    });
    report.add({
      group: "neighbours",
      name: `memory above calm while one ${name}`,
      value: (mostBytes - before) / 2 ** 20,
      unit: "MiB",
      target: { sense: "at most", limit: MEMORY_MIB * 1.1, of: "memoryMiB + 10 %" },
      note: `calm: ${Math.round(before / 2 ** 20)} MiB`,
    });
  }
  await instance.stop();
}
