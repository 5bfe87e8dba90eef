/** Debuggers that go while a thread still speaks of itself. In a process of its own: a mistake ends it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const MODULE = new URL("./inspect-thread.ts", import.meta.url).href;

/** A thread that never stops telling of new scripts, and sessions that are left in the midst of that. */
const SCRIPT = `
  import { once } from "node:events";
  import { setTimeout as sleep } from "node:timers/promises";
  import { Worker } from "node:worker_threads";
  import { inspectThread } from ${JSON.stringify(MODULE)};
  let ended = 0;
  for (let round = 0; round < 15; round++) {
    const worker = new Worker("for (let i = 0; ; i++) new Function('return ' + i)", { eval: true });
    await once(worker, "online");
    for (const isLast of [false, true]) {
      const told = Promise.withResolvers();
      const events = { message: () => told.resolve(), ended: () => ended++ };
      const inspection = await inspectThread(worker, events);
      inspection.send(JSON.stringify({ id: 1, method: "Debugger.enable" }));
      await told.promise;
      if (!isLast) inspection.close();
      await sleep(10);
    }
    await worker.terminate();
  }
  // Longer than a session outlives its thread.
  await sleep(1500);
  console.log("ended", ended);`;

test("a debugger that leaves a thread, or a thread that ends, takes nothing with it", () => {
  const args = ["--input-type=module", "--eval", SCRIPT];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
  });
  assert.deepEqual([status, signal], [0, null], stderr);
  assert.equal(stdout, "ended 15\n");
});
