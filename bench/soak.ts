/** Mixed load at about half of what is possible; memory must not grow. */
import { HELLO_CLASSIC, HELLO_FETCH, helloC } from "./guests.ts";
import { deploy, startInstance } from "./instance.ts";
import { load } from "./load.ts";
import { residentBytes } from "./peers.ts";
import type { Report } from "./report.ts";

const KV = `export default { async fetch(request, env) {
  const count = Number((await env.kv.get("soak", { type: "text" })) ?? 0) + 1;
  await env.kv.put("soak", String(count));
  return new Response(String(count));
} };`;

/** About half of what is possible: requests a second of each function. */
const HALF = { rate: 500 };
const FULL_SPEED_MS = 30_000;

export async function measureSoak(report: Report, durationMs: number): Promise<void> {
  const instance = await startInstance();
  await deploy(instance.client, {
    name: "hello-js",
    contentType: "text/javascript",
    code: HELLO_CLASSIC,
    settings: { start: "hello" },
  });
  await deploy(instance.client, {
    name: "hello-fetch",
    contentType: "text/javascript",
    code: HELLO_FETCH,
  });
  await deploy(instance.client, {
    name: "hello-c",
    contentType: "application/wasm",
    code: await helloC(),
    settings: { start: "hello" },
  });
  await deploy(instance.client, { name: "kv", contentType: "text/javascript", code: KV });
  const urls = ["hello-js", "hello-fetch", "hello-c", "kv"].map(
    (name) => `${instance.http}/${name}`,
  );
  const mix = (ms: number, pace: { readonly rate?: number }) =>
    Promise.all(
      urls.map((url) => load({ url, connections: 4, durationMs: ms, warmupMs: 0, ...pace })),
    );
  // First as fast as they go, so that V8's heaps have the size that they keep.
  await mix(Math.min(durationMs / 4, FULL_SPEED_MS), {});
  await mix(durationMs / 4, HALF);
  const before = await residentBytes(instance.pid);
  const results = await mix(durationMs, HALF);
  const after = await residentBytes(instance.pid);
  const wrong = results.reduce(
    (sum, one) => sum + one.failed + one.requests - (one.statuses["200"] ?? 0),
    0,
  );
  const requests = results.reduce((sum, one) => sum + one.requests, 0);
  report.add({
    group: "soak",
    name: `errors in ${Math.round(durationMs / 1000)} s of mixed load`,
    value: wrong,
    unit: "count",
    target: { sense: "at most", limit: 0, of: `${requests} requests` },
  });
  report.add({
    group: "soak",
    name: "growth of memory meanwhile",
    value: (after - before) / 2 ** 20,
    unit: "MiB",
    target: { sense: "at most", limit: 32, of: "flat" },
  });
  await instance.stop();
}
