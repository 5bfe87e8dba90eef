import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { BOUND_MODULES } from "../../guest-api/bound-modules.ts";
import { NO_BUDGET } from "../memory-budget.ts";
import { cpuExceeded } from "./faults.ts";
import { MachinePool } from "./machine-pool.ts";
import { preludeImage } from "./prelude-image.ts";

const LIMITS = { memoryPages: 512, stackBytes: 256 * 1024, cpuMs: 5000, budget: NO_BUDGET };

async function makePool(liveMax?: number): Promise<MachinePool> {
  const { image } = await preludeImage(BOUND_MODULES, LIMITS.stackBytes, false);
  return new MachinePool(image, LIMITS, liveMax);
}

test("machines are used again, unless something is wrong with them", async () => {
  const pool = await makePool();
  const first = await pool.take();
  pool.give(first);
  assert.equal(await pool.take(), first);
  first.condemn(cpuExceeded(1));
  pool.give(first);
  const second = await pool.take();
  assert.notEqual(second, first);
  // One that took much memory is not kept either.
  second.freeValue(await second.evaluate("globalThis.big = new ArrayBuffer(2e7)", "t", 0));
  pool.give(second);
  assert.notEqual(await pool.take(), second);
});

test("so many machines live at once; the next call waits for one of them", async () => {
  const pool = await makePool(20);
  const taken = [];
  for (let i = 0; i < 20; i++) taken.push(await pool.take());
  assert.equal(new Set(taken).size, 20);
  const waiting = [pool.take(), pool.take()];
  const [first, second] = taken;
  assert.ok(first && second);
  pool.give(first);
  assert.equal(await waiting[0], first);
  second.condemn(cpuExceeded(1));
  pool.give(second);
  assert.equal(taken.includes((await waiting[1]) as (typeof taken)[number]), false);
});

test("machines that nobody needs go after a while", async () => {
  const pool = await makePool();
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    pool.give(await pool.take());
    assert.ok(pool.memoryBytes() > pool.image.length);
    mock.timers.tick(61_000);
    assert.equal(pool.memoryBytes(), pool.image.length);
  } finally {
    mock.timers.reset();
    pool.close();
  }
});
