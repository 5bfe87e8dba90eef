/** From the start of the process to the first answer of a function, with warm file caches. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HELLO_CLASSIC } from "./guests.ts";
import { deploy, startInstance } from "./instance.ts";
import type { Report } from "./report.ts";

const ROUNDS = 7;

export async function measureStart(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "moc-bench-"));
  const first = await startInstance([], folder);
  await deploy(first.client, {
    name: "hello",
    contentType: "text/javascript",
    code: HELLO_CLASSIC,
    settings: { start: "hello" },
  });
  await first.stop();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now();
    const instance = await startInstance([], folder);
    const answer = await fetch(`${instance.http}/hello`);
    if (!answer.ok) throw new Error(`the function answered ${answer.status}`);
    times.push(performance.now() - startedAt);
    await instance.stop();
  }
  times.sort((a, b) => a - b);
  report.add({
    group: "start",
    name: "start to first answer, median",
    value: times[Math.floor(ROUNDS / 2)] ?? 0,
    unit: "ms",
    target: { sense: "at most", limit: 400, of: "issue" },
  });
  await rm(folder, { recursive: true, force: true });
}
