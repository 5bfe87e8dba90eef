import assert from "node:assert/strict";
import { test } from "node:test";
import { BEACON, newBeacon } from "./beacon.ts";
import { ProcessMemory, ThreadMemory } from "./process-memory.ts";

const PAGE = 65_536;

test("threads take from one budget, and what a thread held is free when it is gone", () => {
  const all = new ProcessMemory(10 * PAGE);
  const beacons = [newBeacon(), newBeacon()] as const;
  const [first, second] = beacons.map(
    (beacon) => new ThreadMemory(all.shared, beacon, BEACON.pages),
  );
  assert.ok(first && second);
  assert.equal(first.take(6 * PAGE), true);
  assert.equal(second.take(5 * PAGE), false);
  assert.equal(second.take(4 * PAGE), true);
  assert.equal(all.usedBytes, 10 * PAGE);
  second.give(PAGE);
  assert.equal(first.take(1), true);
  assert.equal(all.usedBytes, 10 * PAGE);
  assert.equal(first.maxBytes, 10 * PAGE);
  all.freePages(Atomics.exchange(beacons[0], BEACON.pages, 0));
  assert.equal(all.usedBytes, 3 * PAGE);
});
