/** Many functions, called at random. */
import { deploy, startInstance } from "./instance.ts";
import { residentBytes } from "./peers.ts";
import type { Report } from "./report.ts";

const FUNCTIONS = 500;
const CALLS = 3000;

export async function measureMany(report: Report): Promise<void> {
  const instance = await startInstance();
  const empty = await residentBytes(instance.pid);
  for (let n = 0; n < FUNCTIONS; n++) {
    await deploy(instance.client, {
      name: `f${n}`,
      contentType: "text/javascript",
      code: `function run() { var moc = requireApi("core"); moc.writeExchangeBuffer(moc.getOutputBufferId(), "f${n}"); return 200; }`,
      settings: { start: "run" },
    });
  }
  // A seeded sequence: the same functions in the same order each time.
  let seed = 42;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  let wrong = 0;
  const startedAt = performance.now();
  const lane = async () => {
    for (let i = 0; i < CALLS / 8; i++) {
      const n = Math.floor(random() * FUNCTIONS);
      const answer = await fetch(`${instance.http}/f${n}`);
      if ((await answer.text()) !== `f${n}`) wrong++;
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  const rate = CALLS / ((performance.now() - startedAt) / 1000);
  const full = await residentBytes(instance.pid);
  const { executors } = await instance.client.call("status");
  report.add({
    group: "many",
    name: `${FUNCTIONS} functions called at random: errors`,
    value: wrong,
    unit: "count",
    target: { sense: "at most", limit: 0, of: `${CALLS} calls` },
  });
  report.add({ group: "many", name: "calls, most of them cold", value: rate, unit: "req/s" });
  report.add({
    group: "many",
    name: "resident memory per deployed function",
    value: (full - empty) / FUNCTIONS / 2 ** 10,
    unit: "KiB",
    note: `${executors.length} executors alive`,
  });
  await instance.stop();
}
