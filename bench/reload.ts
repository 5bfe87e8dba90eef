/** What happens around a deploy: how soon the new version answers, and whether anybody notices. */
import { deploy, startInstance } from "./instance.ts";
import { load } from "./load.ts";
import type { Report } from "./report.ts";

const ROUNDS = 40;
const SETTLE_MS = 2500;

const version = (n: number) => `function hello() {
  var moc = requireApi("core");
  moc.writeExchangeBuffer(moc.getOutputBufferId(), "version ${n}");
  return 200;
}`;

export async function measureReload(report: Report): Promise<void> {
  const instance = await startInstance();
  const url = `${instance.http}/hello`;
  const put = (n: number) =>
    deploy(instance.client, {
      name: "hello",
      contentType: "text/javascript",
      code: version(n),
      settings: { start: "hello" },
    });
  await put(0);
  await (await fetch(url)).text();
  // A runtime that has been up for a while is what reloads happen in: its spares have rehearsed.
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const background = load({
    url,
    connections: 4,
    durationMs: ROUNDS * 150,
    warmupMs: 0,
    rate: 200,
  });
  const gaps: number[] = [];
  for (let n = 1; n <= ROUNDS; n++) {
    let lastOld = performance.now();
    let done = false;
    const deployed = put(n);
    while (!done) {
      const text = await (await fetch(url)).text();
      if (text === `version ${n}`) done = true;
      else lastOld = performance.now();
    }
    gaps.push(performance.now() - lastOld);
    await deployed;
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  const { failed, statuses, requests } = await background;
  const bad = requests - (statuses["200"] ?? 0);
  gaps.sort((a, b) => a - b);
  const at = (share: number) => gaps[Math.floor(gaps.length * share)] ?? 0;
  report.add({
    group: "reload",
    name: "last old answer to first new answer, p50",
    value: at(0.5),
    unit: "ms",
  });
  report.add({
    group: "reload",
    name: "last old answer to first new answer, p95",
    value: at(0.95),
    unit: "ms",
    target: { sense: "at most", limit: 50, of: "issue" },
  });
  report.add({
    group: "reload",
    name: "requests failed or dropped meanwhile",
    value: failed + bad,
    unit: "count",
    target: { sense: "at most", limit: 0, of: `${requests} requests` },
  });
  await instance.stop();
}
