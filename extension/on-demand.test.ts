import assert from "node:assert/strict";
import { test } from "node:test";
import { OnDemand } from "./on-demand.ts";

test("it is made when it is first asked for, and once", async () => {
  let count = 0;
  const one = new OnDemand(async () => ++count);
  assert.equal(one.made, undefined);
  assert.equal(count, 0);
  assert.deepEqual(await Promise.all([one.get(), one.get()]), [1, 1]);
  assert.equal(one.made, 1);
});
