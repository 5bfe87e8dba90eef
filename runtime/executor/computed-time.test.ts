import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { ComputedTime, ownThreadId } from "./computed-time.ts";

const MODULE = JSON.stringify(new URL("./computed-time.ts", import.meta.url).href);

/** A thread that tells its id, then sleeps or computes for as long as it is asked to. */
const THREAD = `
  const { parentPort } = require("node:worker_threads");
  const cell = new Int32Array(new SharedArrayBuffer(4));
  parentPort.on("message", ({ compute, ms }) => {
    const until = performance.now() + ms;
    if (compute) while (performance.now() < until);
    else Atomics.wait(cell, 0, 0, ms);
    parentPort.postMessage("done");
  });
  import(${MODULE}).then(({ ownThreadId }) => parentPort.postMessage(ownThreadId()));`;

function answer<T>(worker: Worker): Promise<T> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

const notToldBy =
  process.platform !== "linux" && "only Linux tells the processor time of another thread";

test("what a thread computes counts, what it waits does not", { skip: notToldBy }, async () => {
  const worker = new Worker(THREAD, { eval: true });
  try {
    const id = await answer<number>(worker);
    assert.ok(id > 0 && id !== ownThreadId());
    const time = new ComputedTime(() => id);
    time.read();
    const before = time.read();
    worker.postMessage({ compute: false, ms: 400 });
    await answer(worker);
    const waited = time.read() - before;
    assert.ok(waited < 100, `counted ${waited} ms of a thread that slept`);

    worker.postMessage({ compute: true, ms: 400 });
    await answer(worker);
    const computed = time.read() - before - waited;
    // At most what passed; how much it got of a processor depends on who else wants one.
    assert.ok(computed > 5, `counted ${computed} ms of a thread that computed`);
    assert.ok(computed < 500, `counted ${computed} ms of 400`);
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
