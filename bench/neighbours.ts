/** What a misbehaving function costs the others, and how soon it is ended. */
import { HELLO_CLASSIC } from "./guests.ts";
import { deploy, startInstance } from "./instance.ts";
import { load } from "./load.ts";
import { residentBytes } from "./peers.ts";
import type { Report } from "./report.ts";

const CPU_MS = 500;
const MEMORY_MIB = 64;

/** One culprit of each kind. */
const CULPRITS: Readonly<Record<string, string>> = {
  "loops for ever": "function run() { for (;;); }",
  "eats memory":
    "function run() { var all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1)); }",
  "floods the log": "function run() { for (;;) console.log('flood flood flood flood flood'); }",
  "leaks buffers":
    "function run() { var moc = requireApi('core'); for (;;) moc.createExchangeBuffer(); }",
};

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
  const calm = await load(plan);
  const before = await residentBytes(instance.pid);
  report.add({
    group: "neighbours",
    name: "p99 of the others, undisturbed",
    value: calm.p99Ms,
    unit: "ms",
  });
  for (const [name, code] of Object.entries(CULPRITS)) {
    await deploy(instance.client, {
      name: "culprit",
      contentType: "text/javascript",
      code,
      settings: { start: "run", limits: { cpuMs: CPU_MS, timeoutMs: 2000, memoryMiB: MEMORY_MIB } },
    });
    let longest = 0;
    let most = 0;
    let running = true;
    const trouble = (async () => {
      while (running) {
        const startedAt = performance.now();
        const answer = await fetch(`${instance.http}/culprit`);
        await answer.text();
        if (answer.status < 400)
          throw new Error(`the culprit that ${name} answered ${answer.status}`);
        longest = Math.max(longest, performance.now() - startedAt);
        most = Math.max(most, await residentBytes(instance.pid));
      }
    })();
    const disturbed = await load(plan);
    running = false;
    await trouble;
    report.add({
      group: "neighbours",
      name: `p99 of the others while one ${name}`,
      value: disturbed.p99Ms,
      unit: "ms",
      target: { sense: "at most", limit: calm.p99Ms * 2, of: "2 x undisturbed" },
    });
    report.add({
      group: "neighbours",
      name: `longest call of the one that ${name}`,
      value: longest,
      unit: "ms",
      target: { sense: "at most", limit: CPU_MS + 100, of: "limit + 100" },
    });
    report.add({
      group: "neighbours",
      name: `memory above calm while one ${name}`,
      value: (most - before) / 2 ** 20,
      unit: "MiB",
      target: { sense: "at most", limit: MEMORY_MIB * 1.1, of: "memoryMiB + 10 %" },
    });
  }
  await instance.stop();
}
