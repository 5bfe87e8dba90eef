/** The store as guests reach it, beside LevelDB itself at the same concurrency. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { compileGuest } from "./guests.ts";
import { deploy, startInstance } from "./instance.ts";
import type { Report } from "./report.ts";

const CONCURRENCY = 64;
const READS = 20_000;
const WRITES = 200;

/** Many operations in one call, so that http is not what is measured. */
const GUEST = `
  var moc = requireApi("core");
  function get() {
    for (var i = 0; i < ${READS}; i++) moc.persistenceGet("key-" + (i % 10));
    return 200;
  }
  function set() {
    var id = String(Math.random());
    for (var i = 0; i < ${WRITES}; i++) moc.persistenceSet("key-" + id + i, "0123456789abcdef");
    return 200;
  }
  function fill() { for (var i = 0; i < 1000; i++) moc.persistenceSet("key-" + i, "0123456789abcdef"); return 200; }`;

/** The same in C: reads a key, copies its value, lets go of the buffer. Answers how long, in µs. */
const C_GUEST = `
  #include <stdint.h>
  #define IMPORT(name) __attribute__((import_module("core"), import_name(name)))
  IMPORT("persistence_get") int get_key(const void *, int);
  IMPORT("read_exchange_buffer") int read(int, void *, int);
  IMPORT("free_buffer") int release(int);
  static char key[] = "key-0", value[64];
  __attribute__((export_name("get"))) int get(void) {
    for (int i = 0; i < ${READS}; i++) {
      key[4] = '0' + i % 10;
      int id = get_key(key, 5);
      if (id == 0xffff || read(id, value, sizeof value) != 16) return 500;
      release(id);
    }
    return 200;
  }`;

/** How fast LevelDB's own binding reads bytes, which is what guests read. */
async function rawBytes(folder: string): Promise<number> {
  const encodings = { keyEncoding: "view", valueEncoding: "view" } as const;
  const db = new ClassicLevel<Uint8Array, Uint8Array>(folder, encodings);
  await db.open();
  const keys = Array.from({ length: 1000 }, (_, i) => new TextEncoder().encode(`key-${i}`));
  const startedAt = performance.now();
  for (let i = 0; i < READS * 5; i++) db.getSync(keys[i % 1000] ?? new Uint8Array(0));
  const gets = (READS * 5) / ((performance.now() - startedAt) / 1000);
  await db.close();
  return gets;
}

async function rawLevel(): Promise<{ gets: number; bytesGets: number; puts: number }> {
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
  const bytesGets = await rawBytes(folder);
  await rm(folder, { recursive: true, force: true });
  return { gets, bytesGets, puts };
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
  await deploy(instance.client, {
    name: "store-c",
    contentType: "application/wasm",
    code: await compileGuest(C_GUEST),
    settings: { start: "get", limits: { timeoutMs: 300_000, cpuMs: 300_000 } },
  });
  await fetch(`${instance.http}/fill`);
  const wasmGets = await bestRate(`${instance.http}/store-c`);
  const javascriptGets = await bestRate(`${instance.http}/get`);
  const writesAt = performance.now();
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => (await fetch(`${instance.http}/set`)).text()),
  );
  const sets = (CONCURRENCY * WRITES) / ((performance.now() - writesAt) / 1000);
  report.add({
    group: "store",
    name: "classic-level getSync, text",
    value: raw.gets,
    unit: "op/s",
  });
  report.add({
    group: "store",
    name: "classic-level getSync, bytes",
    value: raw.bytesGets,
    unit: "op/s",
  });
  const target = {
    sense: "at least",
    limit: raw.bytesGets * 0.5,
    of: "0.5 x getSync, bytes",
  } as const;
  report.add({
    group: "store",
    name: "C guest: persistence_get, read, free",
    value: wasmGets,
    unit: "op/s",
    target,
  });
  report.add({
    group: "store",
    name: "JavaScript guest: persistenceGet",
    value: javascriptGets,
    unit: "op/s",
    target,
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

/** Reads a second of a guest that makes READS of them in a call; the best of a few calls. */
async function bestRate(url: string): Promise<number> {
  let best = 0;
  for (let round = 0; round < 5; round++) {
    const startedAt = performance.now();
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`the guest answered ${answer.status}`);
    best = Math.max(best, READS / ((performance.now() - startedAt) / 1000));
  }
  return best;
}
