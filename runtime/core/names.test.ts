import assert from "node:assert/strict";
import { test } from "node:test";
import { openKeyspace } from "../storage/keyspace.ts";
import { testFolder, testState } from "../storage/test-folder.ts";
import { Events } from "./events.ts";
import { openState } from "./platform-state.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("a name moves, keeps its history, and returns to an earlier version", async (t) => {
  const { blobs, names } = await testState(t);
  const one = await blobs.register("text/javascript", bytes("one"));
  const two = await blobs.register("text/javascript", bytes("two"));

  assert.equal((await names.set("hello", one.techID, { start: "a" })).revision, 1);
  assert.equal((await names.set("hello", one.techID, { start: "a" })).revision, 1);
  const moved = await names.set("hello", two.techID);
  assert.equal(moved.revision, 2);
  assert.deepEqual(moved.settings, { start: "a" });
  assert.equal(names.resolve("hello").techID, two.techID);

  const back = await names.rollback("hello");
  assert.equal(back.techID, one.techID);
  assert.equal(back.revision, 3);
  assert.deepEqual(
    back.history.map((version) => version.techID),
    [one.techID, two.techID, one.techID],
  );
  await assert.rejects(names.rollback("hello", "0".repeat(64)), { code: "MOC_NOT_FOUND" });
});

test("references resolve by name and by techID, and say what is missing", async (t) => {
  const { blobs, names } = await testState(t);
  const { techID } = await blobs.register("text/plain", bytes("x"));
  assert.deepEqual(names.resolve(`techID://${techID}`), {
    name: `techID://${techID}`,
    techID,
    settings: {},
  });
  assert.throws(() => names.resolve("absent"), { code: "MOC_NOT_FOUND", message: /'absent'/ });
  assert.throws(() => names.resolve(`techID://${"0".repeat(64)}`), { code: "MOC_NOT_FOUND" });
  await assert.rejects(names.set("a", "0".repeat(64)), { code: "MOC_NOT_FOUND" });
});

test("bad names are refused", async (t) => {
  const { blobs, names } = await testState(t);
  const { techID } = await blobs.register("text/plain", bytes("x"));
  for (const bad of ["", " a", "a\n", "a\0b", "techID://x", "a".repeat(257)]) {
    await assert.rejects(names.set(bad, techID), { code: "MOC_NAME_INVALID" }, JSON.stringify(bad));
  }
  for (const good of ["a", "a/b c", "é", "toString", "__proto__", "a".repeat(256)]) {
    await names.set(good, techID);
    assert.equal(names.resolve(good).techID, techID);
  }
});

test("names are listed page by page, and all is there after a restart", async (t) => {
  const folder = testFolder(t);
  const first = await openKeyspace(folder);
  const state = await openState(first, new Events());
  const { techID } = await state.blobs.register("text/plain", bytes("x"));
  for (const name of ["b", "a", "c", "other"]) await state.names.set(name, techID);
  await state.names.remove("other");
  await first.close();

  const { names } = await testState(t, folder);
  const page = names.list({ limit: 2 });
  assert.deepEqual(
    page.names.map((one) => one.name),
    ["a", "b"],
  );
  assert.equal(page.next, "b");
  const rest = names.list({ limit: 2, after: "b" });
  assert.deepEqual(
    rest.names.map((one) => one.name),
    ["c"],
  );
  assert.equal(rest.next, undefined);
  await assert.rejects(names.remove("other"), { code: "MOC_NOT_FOUND" });
});
