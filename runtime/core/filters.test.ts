import assert from "node:assert/strict";
import { test } from "node:test";
import { testFolder, testState } from "../storage/test-folder.ts";

test("filters run by order, then as they were plugged, also after a restart", async (t) => {
  const folder = testFolder(t);
  const state = await testState(t, folder);
  for (const [name, order] of [
    ["c", 5],
    ["a", 0],
    ["b", 0],
    ["first", -1],
  ] as const) {
    await state.filters.plug({ name, order });
  }
  const order = () => state.filters.list().map((one) => one.name);
  assert.deepEqual(order(), ["first", "a", "b", "c"]);
  await state.keyspace.close();
  const again = await testState(t, folder);
  assert.deepEqual(
    again.filters.list().map((one) => one.name),
    ["first", "a", "b", "c"],
  );
});

test("the same name, start function and data is the same filter", async (t) => {
  const { filters } = await testState(t);
  const first = await filters.plug({ name: "f", start_function: "s", data: "d" });
  const same = await filters.plug({ name: "f", start_function: "s", data: "d", order: 7 });
  assert.equal(same.id, first.id);
  assert.equal(filters.list()[0]?.order, 7);
  const other = await filters.plug({ name: "f", start_function: "s", data: "e" });
  assert.notEqual(other.id, first.id);
  await filters.unplug(first.id);
  assert.deepEqual(filters.list(), [other]);
  await assert.rejects(filters.unplug(first.id), { code: "MOC_NOT_FOUND" });
  await assert.rejects(filters.plug({ name: "" }), { code: "MOC_BAD_REQUEST" });
});
