import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import type { TechID } from "../protocol/model.ts";
import { testFolder, testState } from "../storage/test-folder.ts";
import { type Deploy, deploy, undeploy } from "./deploy.ts";

const HISTORY = PLATFORM_LIMITS.historyPerName.value;
const AN_HOUR = PLATFORM_LIMITS.unusedBlobMs.value;

async function setUp(t: TestContext) {
  let later = 0;
  const state = await testState(t, testFolder(t), () => Date.now() + later);
  const store = async (text: string): Promise<TechID> => {
    const blob = await state.blobs.register("text/plain", new TextEncoder().encode(text));
    return blob.techID;
  };
  const has = (techID: TechID) => state.blobs.info(techID) !== undefined;
  const passHours = (hours = 1) => {
    later += hours * AN_HOUR;
  };
  return { state, store, has, passHours };
}

const wanted = (techID: TechID, files: Readonly<Record<string, TechID>> = {}): Deploy => ({
  name: "fn",
  techID,
  settings: {},
  plugs: Object.entries(files).map(([path, file]) => {
    return { type: "file", method: "get", path, name: `techID://${file}` };
  }),
  filters: [],
});

test("saves do not fill the store: as many versions stay as a name can return to", async (t) => {
  const { state, store, has, passHours } = await setUp(t);
  const versions: TechID[] = [];
  for (let save = 0; save < HISTORY + 3; save += 1) {
    versions.push(await store(`save ${save}`));
    await deploy(state, wanted(versions.at(-1) ?? ""));
  }
  assert.equal(state.blobs.count, HISTORY + 3, "within the hour nothing goes");
  passHours();
  versions.push(await store("the last"));
  await deploy(state, wanted(versions.at(-1) ?? ""));
  assert.equal(state.blobs.count, HISTORY);
  assert.deepEqual(
    versions.filter((one) => !has(one)),
    versions.slice(0, 4),
  );
  const kept = state.names.get("fn")?.history.map((one) => one.techID) ?? [];
  for (const techID of kept) assert.equal((await state.blobs.bytes(techID)).length > 0, true);
  await state.names.rollback("fn", kept.at(-1));
  assert.equal(state.names.get("fn")?.techID, kept.at(-1), "the oldest one can be returned to");
});

test("a file that a deploy replaced goes, unless something else serves it", async (t) => {
  const { state, store, has, passHours } = await setUp(t);
  const [code, old, shared, fresh] = [
    await store("code"),
    await store("old page"),
    await store("shared"),
    await store("new page"),
  ];
  await deploy(state, wanted(code, { "/a": old, "/b": shared }));
  await state.plugs.plug({
    type: "file",
    method: "get",
    path: "/elsewhere",
    name: `techID://${shared}`,
  });
  passHours();
  await deploy(state, wanted(code, { "/a": fresh }));
  assert.deepEqual([code, old, shared, fresh].map(has), [true, false, true, true]);
});

test("what was stored again or asked for lately stays until its hour has passed", async (t) => {
  const { state, store, has, passHours } = await setUp(t);
  const [code, page] = [await store("code"), await store("page")];
  await deploy(state, wanted(code, { "/a": page }));
  passHours();
  await store("page");
  await deploy(state, wanted(code));
  assert.ok(has(page), "somebody has just sent it, and is about to use it");
  passHours();
  state.names.resolve(`techID://${page}`);
  await deploy(state, wanted(code, { "/a": code }));
  assert.ok(has(page), "somebody calls it by its techID");
  passHours();
  await deploy(state, wanted(code));
  assert.ok(!has(page));
  await assert.rejects(state.blobs.bytes(page), { code: "MOC_NOT_FOUND" });
});

test("what may be referred to from outside goes only when somebody says so", async (t) => {
  const { state, store, has, passHours } = await setUp(t);
  const nameless = await store("nameless");
  const removed = await store("removed");
  await deploy(state, wanted(removed));
  await undeploy(state, "fn");
  passHours(1000);
  await deploy(state, wanted(await store("another")));
  assert.ok(has(nameless) && has(removed));
  assert.deepEqual(
    new Set(state.unused.find().map((one) => one.techID)),
    new Set([nameless, removed]),
  );
  assert.ok(has(nameless), "looking removes nothing");
  await state.unused.remove();
  assert.ok(!has(nameless) && !has(removed));
  assert.equal(state.blobs.count, 1);
  assert.deepEqual(await state.unused.remove(), []);
});

test("whatever mentions a techID keeps its blob", async (t) => {
  const { state, store, passHours } = await setUp(t);
  const [code, file, plugged, data, filter, env, before] = await Promise.all(
    ["code", "file", "plugged", "data", "filter", "env", "before"].map(store),
  );
  assert.ok(code && before);
  const function_ = { type: "function", method: "get", start_function: "" } as const;
  await state.plugs.plug({
    ...function_,
    path: "/p",
    name: `techID://${plugged}`,
    data: `<${data}>`,
  });
  await state.plugs.plug({ type: "file", method: "get", path: "/f", name: `techID://${file}` });
  await state.filters.plug({ name: `techID://${filter}` });
  await deploy(state, { ...wanted(before), settings: { env: { MODEL: `techID://${env}` } } });
  await deploy(state, wanted(code));
  passHours(1000);
  assert.deepEqual(await state.unused.remove(), []);
  assert.equal(state.blobs.count, 7);
});

test("what was removed is gone after a restart, and all else is there", async (t) => {
  const folder = testFolder(t);
  const first = await testState(t, folder, () => Date.now() + AN_HOUR);
  const bytes = new TextEncoder().encode("kept");
  const kept = await first.blobs.register("text/plain", bytes);
  const gone = await first.blobs.register("text/plain", new TextEncoder().encode("gone"));
  await first.names.set("kept", kept.techID);
  await first.keyspace.close();
  const second = await testState(t, folder, () => Date.now() + 2 * AN_HOUR);
  assert.deepEqual(await second.unused.remove(), [gone]);
  await second.keyspace.close();
  const third = await testState(t, folder);
  assert.deepEqual([...third.blobs.all()], [kept]);
  assert.deepEqual(await third.blobs.bytes(kept.techID), Buffer.from(bytes));
});
