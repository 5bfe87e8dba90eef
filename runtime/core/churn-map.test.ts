import assert from "node:assert/strict";
import { it } from "node:test";
import { ChurnMap } from "./churn-map.ts";

it("holds what was set until it is taken", () => {
  const map = new ChurnMap<number, { readonly name: string }>();
  map.set(1, { name: "one" });
  map.set(2, { name: "two" });
  assert.equal(map.size, 2);
  assert.deepEqual(
    [...map.entries()],
    [
      [1, { name: "one" }],
      [2, { name: "two" }],
    ],
  );
  assert.deepEqual(map.take(1), { name: "one" });
  assert.equal(map.take(1), undefined);
  assert.equal(map.has(1), false);
  assert.deepEqual([...map.values()], [{ name: "two" }]);
});
