/** One small module per function and edge case of WASI preview 1. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { wasi } from "@bjorn3/browser_wasi_shim";
import { runScript, WASI_NAMES } from "./testing.ts";
import { WASI_IMPORTS } from "./wasi-imports.ts";

const { ERRNO_SUCCESS: OK, ERRNO_BADF: BADF, ERRNO_FAULT: FAULT, ERRNO_INVAL: INVAL } = wasi;

test("all 46 functions of both snapshots are there", () => {
  const missing = ["proc_exit", ...WASI_NAMES];
  for (const functions of WASI_IMPORTS.values()) {
    assert.deepEqual([...functions.keys()].sort(), [...missing].sort());
    assert.equal(functions.size, 46);
  }
});

test("args and environ are counted and written in UTF-8, each with a zero", async () => {
  const { memory, text, errnos } = await runScript(
    [
      ["args_sizes_get", 0, 4],
      ["args_get", 16, 100],
      ["environ_sizes_get", 8, 12],
      ["environ_get", 32, 200],
    ],
    { args: ["größe", "日本", ""], env: { Ä: "€" } },
  );
  assert.deepEqual(errnos, [OK, OK, OK, OK]);
  assert.equal(memory.getUint32(0, true), 4);
  assert.equal(memory.getUint32(4, true), 7 + 8 + 7 + 1);
  assert.equal(text(100, 23), "script\0größe\0日本\0\0");
  assert.deepEqual(
    [16, 20, 24, 28].map((at) => memory.getUint32(at, true)),
    [100, 107, 115, 122],
  );
  assert.equal(memory.getUint32(12, true), 7);
  assert.equal(text(200, 7), "Ä=€\0");
});

test("clocks run forward, and unknown clocks are refused", async () => {
  const before = BigInt(Date.now()) * 1_000_000n;
  const { memory, errnos } = await runScript([
    ["clock_time_get", wasi.CLOCKID_REALTIME, 0, 0],
    ["clock_time_get", wasi.CLOCKID_MONOTONIC, 0, 8],
    ["clock_time_get", wasi.CLOCKID_MONOTONIC, 0, 16],
    ["clock_time_get", wasi.CLOCKID_PROCESS_CPUTIME_ID, 0, 24],
    ["clock_res_get", wasi.CLOCKID_REALTIME, 32],
    ["clock_time_get", 4, 0, 0],
    ["clock_res_get", -1, 0],
  ]);
  assert.deepEqual(errnos, [OK, OK, OK, OK, OK, INVAL, INVAL]);
  const skew = memory.getBigUint64(0, true) - before;
  assert.ok(skew > -10_000_000_000n && skew < 60_000_000_000n);
  assert.ok(memory.getBigUint64(16, true) >= memory.getBigUint64(8, true));
  assert.ok(memory.getBigUint64(24, true) < 60_000_000_000n);
  assert.ok(memory.getBigUint64(32, true) > 0n);
});

test("random_get fills more than one part, and nothing beyond", async () => {
  const { memory, errnos } = await runScript([
    ["random_get", 1000, 50_000],
    ["random_get", 0, 0],
    ["random_get", 131_072, 1],
    ["random_get", 0, -1],
  ]);
  assert.deepEqual(errnos, [OK, OK, FAULT, FAULT]);
  const zeros = Array.from({ length: 50_000 }, (_, index) => memory.getUint8(1000 + index));
  assert.ok(zeros.filter((byte) => byte === 0).length < 400);
  assert.equal(memory.getUint8(51_000), 0);
});

test("sockets are none, and signals that end a process end it", async () => {
  const { errnos } = await runScript([
    ["sock_shutdown", 1, 0],
    ["sock_recv", 1, 0, 0, 0, 0, 0],
    ["sock_send", 99, 0, 0, 0, 0],
    ["sock_accept", 3, 0, 0],
    ["sched_yield"],
    ["proc_raise", wasi.SIGNAL_NONE],
    ["proc_raise", 99],
  ]);
  const no = wasi.ERRNO_NOTSOCK;
  assert.deepEqual(errnos, [no, no, BADF, no, OK, OK, INVAL]);
});
