import assert from "node:assert/strict";
import { it } from "node:test";
import { RateGate } from "./rate-gate.ts";

it("lets through as many as it may in each second, and no more", () => {
  const gate = new RateGate(2);
  const admitted = [0, 1, 2, 999, 1000, 1001, 1002, 5000].map((now) => gate.admits(now));
  assert.deepEqual(admitted, [true, true, false, false, true, true, false, true]);
});
