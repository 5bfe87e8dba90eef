import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { ComputedTime, ownThreadId } from "./computed-time.ts";

const MODULE = JSON.stringify(new URL("./computed-time.ts", import.meta.url).href);

/**
 * A thread that tells its id, then sleeps or computes for as long as it is asked to, and answers
 * what that cost by its own reading.
 */
const THREAD = `
  const { parentPort } = require("node:worker_threads");
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const spent = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  parentPort.on("message", ({ compute, ms }) => {
    const before = spent();
    const until = performance.now() + ms;
    if (compute) while (performance.now() < until);
    else Atomics.wait(cell, 0, 0, ms);
    parentPort.postMessage(spent() - before);
  });
  import(${MODULE}).then(({ ownThreadId }) => parentPort.postMessage(ownThreadId()));`;

/** What one reading may lag behind the other: the kernel counts a running thread at its ticks. */
const TICKS_MS = 20;

function answer<T>(worker: Worker): Promise<T> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

const notTold = !kernelTells() && "this kernel does not tell the processor time of another thread";

function kernelTells(): boolean {
  try {
    const [spent] = readFileSync("/proc/thread-self/schedstat", "latin1").split(" ");
    return Number(spent) > 0;
  } catch {
    return false;
  }
}

test("what a thread computes counts, what it waits does not", { skip: notTold }, async () => {
  const worker = new Worker(THREAD, { eval: true });
  try {
    const id = await answer<number>(worker);
    assert.ok(id > 0 && id !== ownThreadId());
    const time = new ComputedTime(() => id);
    time.read();
    const spends = async (task: { compute: boolean; ms: number }) => {
      const from = time.read();
      worker.postMessage(task);
      const own = await answer<number>(worker);
      return { counted: time.read() - from, own };
    };
    const waiting = await spends({ compute: false, ms: 400 });
    const computing = await spends({ compute: true, ms: 400 });
    for (const { counted, own } of [waiting, computing]) {
      const text = `counted ${counted} ms, the thread itself ${own} ms`;
      assert.ok(Math.abs(counted - own) < TICKS_MS + own / 10, text);
    }
    assert.ok(computing.own > waiting.own, `${computing.own} ms, and ${waiting.own} ms waiting`);
  } finally {
    await worker.terminate();
  }
});

test("where the system does not tell, time counts with patience", async () => {
  for (const unknown of [0, 2 ** 30]) {
    const time = new ComputedTime(() => unknown);
    const from = performance.now();
    const before = time.read();
    while (performance.now() < from + 30) time.read();
    const counted = time.read() - before;
    assert.ok(counted > 10 && counted <= performance.now() - from, `counted ${counted} ms of 30`);
    // Nobody looked for long: what the thread said meanwhile is not heard yet.
    await new Promise((resolve) => setTimeout(resolve, 150));
    const late = time.read() - before - counted;
    assert.ok(late <= 25, `counted ${late} ms although nobody looked`);
  }
});
