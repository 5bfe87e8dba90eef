import assert from "node:assert/strict";
import { test } from "node:test";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import type { CallReport, PlatformEvent } from "../protocol/model.ts";
import { CallLog } from "./call-log.ts";
import { Events, eventStream } from "./events.ts";
import { Latencies } from "./latencies.ts";
import { Logs } from "./logs.ts";
import { OTHERS, Stats } from "./stats.ts";
import { Topics } from "./topics.ts";

const report = (id: number, more: Partial<CallReport> = {}): CallReport => ({
  id,
  function: "fn",
  techID: "0".repeat(64),
  startFunction: "",
  trigger: "http",
  at: 0,
  durationMs: 1,
  queueMs: 0,
  bytesIn: 0,
  bytesOut: 0,
  memoryBytes: 0,
  logLines: 0,
  spans: [],
  ...more,
});
const failed = { error: { code: "MOC_GUEST_ERROR", message: "no" } } as const;

test("logs: cut, made harmless, filtered, paged", () => {
  const logs = new Logs(new Events());
  logs.add("info", "first");
  logs.add("warn", "\u001b[31mred\u0007\tok\nnext\u202e", "fn", 7);
  logs.add("debug", "x".repeat(9000), "fn");
  logs.add("error", "é".repeat(5000), "other", 8);
  const texts = (query: Partial<Parameters<Logs["list"]>[0]>) =>
    logs.list({ limit: 100, ...query }).map((line) => line.text);
  assert.deepEqual(texts({ call: 7 }), ["\\x1b[31mred\\x07\tok\nnext\\u202e"]);
  assert.match(texts({ function: "fn", level: "debug" })[1] ?? "", /^x{8192}… \(808 bytes more\)$/);
  assert.match(texts({ function: "other" })[0] ?? "", /^é{4096}… \(1808 bytes more\)$/);
  assert.deepEqual(
    logs.list({ level: "warn", limit: 100 }).map((line) => line.level),
    ["warn", "error"],
  );
  assert.deepEqual(
    logs.list({ limit: 2 }).map((line) => line.seq),
    [3, 4],
  );
  assert.deepEqual(
    logs.list({ after: 1, limit: 2 }).map((line) => line.seq),
    [2, 3],
  );
  assert.deepEqual(logs.list({ after: 99, limit: 2 }), []);
});

test("logs: only the newest are kept, in bounded memory", () => {
  const logs = new Logs(new Events());
  const max = PLATFORM_LIMITS.logLines.value;
  for (let i = 1; i <= max * 2 + 5; i++) logs.add("info", `${i}`);
  const oldest = logs.list({ after: 0, limit: 1 })[0];
  assert.equal(oldest?.seq, max + 6);
  assert.equal(logs.list({ after: max * 2, limit: 100 }).length, 5);
  for (let i = 0; i < 10_000; i++) logs.add("info", "y".repeat(8000));
  assert.ok(logs.list({ limit: 1_000_000 }).length <= (32 * 1024 * 1024) / 8000);
});

test("call reports: newest first, children, only the newest kept", () => {
  const log = new CallLog();
  log.add(report(2, { parent: 1, function: "child" }));
  log.add(report(3, { parent: 1, function: "child", ...failed }));
  log.add(report(1));
  const ids = (query: object) => log.list({ limit: 10, ...query }).map((one) => one.id);
  assert.deepEqual(ids({}), [3, 2, 1]);
  assert.deepEqual(ids({ function: "child" }), [3, 2]);
  assert.deepEqual(ids({ errors: true }), [3]);
  assert.deepEqual(ids({ before: 3, limit: 1 }), [2]);
  assert.deepEqual(
    log.children(1).map((one) => one.id),
    [2, 3],
  );
  const max = PLATFORM_LIMITS.callReports.value;
  for (let id = 10; id < 10 + max; id++) log.add(report(id));
  assert.equal(log.get(1), undefined);
  assert.deepEqual(log.children(1), []);
  assert.equal(log.list({ limit: 1_000_000 }).length, max);
});

test("latencies: percentiles within a tenth", () => {
  const latencies = new Latencies();
  assert.equal(latencies.percentile(0.5), 0);
  for (let i = 1; i <= 1000; i++) latencies.add(i / 10);
  for (const [share, ms] of [
    [0.5, 50],
    [0.99, 99],
    [0.01, 1],
  ] as const) {
    const found = latencies.percentile(share);
    assert.ok(Math.abs(found - ms) < ms / 10, `${share}: ${found}`);
  }
  latencies.add(1e12);
  latencies.add(0);
  assert.equal(latencies.total, 1002);
});

test("stats: figures by function, samples, and a bounded number of names", () => {
  const stats = new Stats();
  stats.ended(report(1, { durationMs: 10, memoryBytes: 5 }));
  stats.ended(report(2, { durationMs: 10, ...failed }));
  stats.ended(report(3, { parent: 2, function: "child" }));
  const figures = stats.figures("fn");
  assert.equal(figures.calls, 2);
  assert.equal(figures.errors, 1);
  assert.equal(figures.memoryBytes, 5);
  assert.ok(Math.abs(figures.p50Ms - 10) < 1);
  assert.equal(stats.figures("never").calls, 0);
  stats.sample(3, 1000);
  stats.sample(4, 2000);
  assert.deepEqual(
    stats.samples.map((one) => [one.at, one.requests, one.errors, one.executors]),
    [
      [1000, 2, 1, 3],
      [2000, 0, 0, 4],
    ],
  );
  for (let i = 0; i < 1000; i++) stats.sample(0);
  assert.equal(stats.samples.length, 180);
  assert.equal(stats.figures("fn").p50Ms, 0, "old calls no longer count");
  for (let i = 0; i < 1500; i++) stats.ended(report(i, { function: `f${i}` }));
  assert.ok([...stats.functions()].length <= 1001);
  assert.ok(stats.figures(OTHERS).calls >= 500);
  for (let i = 0; i < 500; i++) stats.count(`c${i}`);
  assert.ok(Object.keys(stats.counters).length <= 203);
  assert.equal(stats.counters.calls, 1503);
});

test("events: filtered, and a slow subscriber learns what it missed", async () => {
  const events = new Events();
  assert.equal(events.wants("call"), false);
  const calls = events.subscribe({ kinds: new Set(["call", "dropped"]), function: "fn" });
  assert.equal(events.wants("call"), true);
  assert.equal(events.wants("kv"), false);
  events.emit({ kind: "plugs", at: 1 });
  events.emit({ kind: "call", report: report(1, { function: "other" }) });
  const max = PLATFORM_LIMITS.eventQueue.value;
  for (let id = 0; id < max + 3; id++) events.emit({ kind: "call", report: report(id) });
  const seen: PlatformEvent[] = [];
  for await (const event of calls) {
    seen.push(event);
    if (event.kind === "dropped") break;
  }
  assert.equal(seen.length, max + 1);
  assert.deepEqual(seen.at(-1), { kind: "dropped", count: 3 });
  assert.equal(events.wants("call"), false, "leaving the loop ends the subscription");
});

test("events as server-sent events: opens at once, survives small reads, ends", async () => {
  const events = new Events();
  const stream = eventStream(events.subscribe());
  const read = async (bytes: number) => Buffer.from((await stream.read(bytes)) ?? "END").toString();
  assert.equal(await read(100), ": open\n\n");
  const waiting = read(10);
  events.emit({ kind: "plugs", at: 5 });
  let text = await waiting;
  while (!text.endsWith("\n\n")) text += await read(10);
  assert.equal(text, 'event: plugs\ndata: {"kind":"plugs","at":5}\n\n');
  const last = read(10);
  events.close();
  assert.equal(await last, "END");
  await assert.rejects(stream.write(new Uint8Array()), { code: "MOC_BAD_REQUEST" });
});

test("topics: everybody who listens gets each message; slow readers get an error", async () => {
  const topics = new Topics();
  const subscribe = (topic: string) => topics.subscribe(topic, { bytes: 0 });
  const [one, two, other] = [subscribe("t"), subscribe("t"), subscribe("other")];
  topics.publish("t", Buffer.from("1"));
  topics.publish("none", Buffer.from("lost"));
  assert.equal(Buffer.from((await one.read(10)) ?? "").toString(), "1");
  one.close();
  assert.equal(await one.read(10), undefined);
  assert.equal(topics.subscribers("t"), 1);
  for (let i = 0; i < 6000; i++) topics.publish("t", Buffer.from("x"));
  assert.equal(topics.subscribers("t"), 0);
  for (let i = 0; i < 5000; i++) assert.ok(await two.read(10));
  await assert.rejects(two.read(10), { code: "MOC_TOO_MANY", message: /'t'/ });
  const waiting = other.read(10);
  other.close();
  assert.equal(await waiting, undefined);
  assert.throws(() => subscribe(""), { code: "MOC_NAME_INVALID" });
  assert.throws(() => topics.publish("t", new Uint8Array(17 * 1024 * 1024)), {
    code: "MOC_TOO_LARGE",
  });
});

test("topics: what waits is bounded for a call's subscriptions together, and for all calls", async () => {
  const topics = new Topics();
  const message = new Uint8Array(2 ** 20);
  const publishTo = (call: string, count: number, ofCall: { bytes: number }) =>
    Array.from({ length: count }, (_, index) => {
      const stream = topics.subscribe(`${call}/${index}`, ofCall);
      topics.publish(`${call}/${index}`, message);
      return stream;
    });
  const ofCall = { bytes: 0 };
  const streams = publishTo("one", 17, ofCall);
  assert.equal(ofCall.bytes, 16 * 2 ** 20);
  await assert.rejects(async () => streams.at(-1)?.read(1), { code: "MOC_TOO_MANY" });
  assert.equal((await streams[0]?.read(1))?.length, 2 ** 20);
  for (const stream of streams) stream.close();
  assert.equal(ofCall.bytes, 0);

  const others = Array.from({ length: 17 }, (_, call) => publishTo(`${call}`, 16, { bytes: 0 }));
  await assert.rejects(async () => others.at(-1)?.[0]?.read(1), { code: "MOC_TOO_MANY" });
  for (const stream of others.flat()) stream.close();
  const [after] = publishTo("after", 1, { bytes: 0 });
  assert.equal((await after?.read(1))?.length, 2 ** 20);
});
