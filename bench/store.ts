/** The store as guests reach it, beside LevelDB itself at the same concurrency. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { deploy, startInstance } from "./instance.ts";
import type { Report } from "./report.ts";

const CONCURRENCY = 64;
const READS = 20_000;
const WRITES = 200;

/** Many operations in one call, so that http is not what is measured. */
const GUEST = `
  var moc = requireApi("core");
  function time(count, work) {
    var start = Date.now();
    for (var i = 0; i < count; i++) work(i);
    moc.writeExchangeBuffer(moc.getOutputBufferId(), String(Date.now() - start));
    return 200;
  }
  function get() { return time(${READS}, function (i) { moc.persistenceGet("key-" + (i % 1000)); }); }
  function set() {
    var id = String(Math.random());
    return time(${WRITES}, function (i) { moc.persistenceSet("key-" + id + i, "0123456789abcdef"); });
  }
  function fill() { for (var i = 0; i < 1000; i++) moc.persistenceSet("key-" + i, "0123456789abcdef"); return 200; }`;

async function rawLevel(): Promise<{ gets: number; puts: number }> {
  const folder = await mkdtemp(join(tmpdir(), "moc-bench-level-"));
  const db = new ClassicLevel<string, string>(folder);
  await db.open();
  await db.batch(
    Array.from({ length: 1000 }, (_, i) => ({
      type: "put" as const,
      key: `key-${i}`,
      value: "0123456789abcdef",
    })),
  );
  const readsAt = performance.now();
  for (let i = 0; i < READS * 5; i++) db.getSync(`key-${i % 1000}`);
  const gets = (READS * 5) / ((performance.now() - readsAt) / 1000);
  const writesAt = performance.now();
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async (_, lane) => {
      for (let i = 0; i < WRITES; i++)
        await db.put(`w-${lane}-${i}`, "0123456789abcdef", { sync: true });
    }),
  );
  const puts = (CONCURRENCY * WRITES) / ((performance.now() - writesAt) / 1000);
  await db.close();
  await rm(folder, { recursive: true, force: true });
  return { gets, puts };
}

export async function measureStore(report: Report): Promise<void> {
  const raw = await rawLevel();
  const instance = await startInstance();
  await deploy(instance.client, {
    name: "store",
    contentType: "text/javascript",
    code: GUEST,
    settings: { limits: { timeoutMs: 300_000, cpuMs: 300_000 } },
    plugs: ["get", "set", "fill"].map((start) => ({ path: `/${start}`, start_function: start })),
  });
  await fetch(`${instance.http}/fill`);
  const readMs = Number(await (await fetch(`${instance.http}/get`)).text());
  const writesAt = performance.now();
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => (await fetch(`${instance.http}/set`)).text()),
  );
  const sets = (CONCURRENCY * WRITES) / ((performance.now() - writesAt) / 1000);
  report.add({ group: "store", name: "classic-level getSync", value: raw.gets, unit: "op/s" });
  report.add({
    group: "store",
    name: "guest persistence_get, one guest",
    value: READS / (readMs / 1000),
    unit: "op/s",
    target: { sense: "at least", limit: raw.gets * 0.5, of: "0.5 x getSync" },
  });
  report.add({
    group: "store",
    name: `classic-level put with sync, ${CONCURRENCY} at once`,
    value: raw.puts,
    unit: "op/s",
  });
  report.add({
    group: "store",
    name: `guest persistence_set, ${CONCURRENCY} guests`,
    value: sets,
    unit: "op/s",
    target: { sense: "at least", limit: raw.puts * 0.5, of: "0.5 x put with sync" },
  });
  await instance.stop();
}
