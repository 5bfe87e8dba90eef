import assert from "node:assert/strict";
import { test } from "node:test";
import { wasi } from "@bjorn3/browser_wasi_shim";
import { runScript, words } from "./testing.ts";

const MS = 1_000_000;

/** A subscription of preview1: 48 bytes. */
function clock(userdata: number, id: number, timeout: number, flags = 0): string {
  return words(userdata, 0, 0, 0, id, 0, timeout, 0, 0, 0, flags, 0);
}

function descriptor(userdata: number, type: number, fd: number): string {
  return words(userdata, 0, type, 0, fd, 0, 0, 0, 0, 0, 0, 0);
}

const { EVENTTYPE_FD_READ: READ, EVENTTYPE_FD_WRITE: WRITE, CLOCKID_MONOTONIC } = wasi;

test("a clock subscription waits for its time", async () => {
  const started = performance.now();
  const { errnos, memory } = await runScript([["poll_oneoff", 0, 1000, 1, 2000]], {
    memory: { 0: clock(7, CLOCKID_MONOTONIC, 30 * MS) },
  });
  assert.ok(performance.now() - started >= 29);
  assert.deepEqual(errnos, [0]);
  assert.equal(memory.getUint32(2000, true), 1);
  assert.equal(memory.getUint32(1000, true), 7);
  assert.equal(memory.getUint8(1010), wasi.EVENTTYPE_CLOCK);
});

test("an absolute time that is past, and what is ready, answer at once and together", async () => {
  const { memory } = await runScript([["poll_oneoff", 0, 1000, 4, 2000]], {
    memory: {
      0:
        clock(1, wasi.CLOCKID_REALTIME, 5, wasi.SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME) +
        clock(2, CLOCKID_MONOTONIC, 2_000_000_000) +
        descriptor(3, WRITE, 1) +
        descriptor(4, READ, 0),
    },
    stdin: () => new Uint8Array(5),
  });
  assert.equal(memory.getUint32(2000, true), 3);
  const events = [0, 1, 2].map((index) => memory.getUint32(1000 + index * 32, true));
  assert.deepEqual(events, [1, 3, 4]);
  assert.equal(memory.getBigUint64(1000 + 64 + 16, true), 5n);
});

test("the end of input is readable, with a hang-up", async () => {
  const { memory } = await runScript([["poll_oneoff", 0, 1000, 1, 2000]], {
    memory: { 0: descriptor(4, READ, 0) },
  });
  assert.equal(memory.getUint16(1000 + 24, true), wasi.EVENTRWFLAGS_FD_READWRITE_HANGUP);
});

test("input that comes too late for a poll is not lost for the read after it", async () => {
  let parts = 0;
  const late = () =>
    new Promise<Uint8Array | undefined>((resolve) => {
      setTimeout(() => resolve(parts++ === 0 ? Uint8Array.of(104, 105) : undefined), 40);
    });
  const { memory, text } = await runScript(
    [
      ["poll_oneoff", 0, 1000, 2, 2000],
      ["fd_read", 0, 3000, 1, 3008],
    ],
    {
      memory: {
        0: descriptor(4, READ, 0) + clock(2, CLOCKID_MONOTONIC, 5 * MS),
        3000: words(3100, 9),
      },
      stdin: late,
    },
  );
  assert.equal(memory.getUint32(1000, true), 2);
  assert.equal(memory.getUint32(3008, true), 2);
  assert.equal(text(3100, 2), "hi");
});

test("bad subscriptions are refused, as a whole or each in its event", async () => {
  const { errnos, memory } = await runScript(
    [
      ["poll_oneoff", 0, 1000, 2, 2000],
      ["poll_oneoff", 0, 1000, 0, 2000],
      ["poll_oneoff", 200, 1200, 1, 2004],
      ["poll_oneoff", 131_000, 1000, 5, 2004],
      ["poll_oneoff", 0, 131_000, 5, 2004],
      ["poll_oneoff", 0, 1200, 99_999_999, 2004],
    ],
    { memory: { 0: descriptor(1, READ, 99) + clock(2, 77, 1), 200: words(0, 0, 9, 0) } },
  );
  const { ERRNO_INVAL, ERRNO_FAULT } = wasi;
  assert.deepEqual(errnos, [0, ERRNO_INVAL, ERRNO_INVAL, ERRNO_FAULT, ERRNO_FAULT, ERRNO_INVAL]);
  assert.equal(memory.getUint32(2000, true), 2);
  assert.equal(memory.getUint16(1008, true), wasi.ERRNO_BADF);
  assert.equal(memory.getUint16(1032 + 8, true), ERRNO_INVAL);
});

test("subscriptions of wasi_unstable have 56 bytes, a clock's fields after an identifier", async () => {
  const started = performance.now();
  const subscription = words(7, 0, 0, 0, 99, 99, CLOCKID_MONOTONIC, 0, 20 * MS, 0, 0, 0, 0, 0);
  const { memory } = await runScript([["poll_oneoff", 0, 1000, 2, 2000]], {
    module: "wasi_unstable",
    memory: { 0: subscription + subscription },
  });
  assert.ok(performance.now() - started >= 19);
  assert.equal(memory.getUint32(1000, true), 7);
});
