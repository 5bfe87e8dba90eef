import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { testState } from "../storage/test-folder.ts";
import { type Deploy, deploy, undeploy } from "./deploy.ts";
import type { PlatformState } from "./platform-state.ts";
import type { NewPlug } from "./plugs.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const plug = (path: string, name = "fn"): NewPlug => ({
  type: "function",
  method: "get",
  path,
  name,
  start_function: "",
  data: "",
});

async function setUp(t: TestContext) {
  const state = await testState(t);
  const one = (await state.blobs.register("text/javascript", bytes("one"))).techID;
  const two = (await state.blobs.register("text/javascript", bytes("two"))).techID;
  const wanted = (more: Partial<Deploy> = {}): Deploy => ({
    name: "fn",
    techID: one,
    settings: {},
    plugs: [],
    filters: [],
    ...more,
  });
  return { state, one, two, wanted };
}

const paths = (state: PlatformState) => state.plugs.list().map((one) => one.path);

test("a deploy makes everything as it says, and takes back what it no longer mentions", async (t) => {
  const { state, two, wanted } = await setUp(t);
  const first = await deploy(state, wanted({ plugs: [plug("/a"), plug("/b/!x")], filters: [{}] }));
  assert.deepEqual(first.changed.slice(1), [
    "plugged GET /a",
    "plugged GET /b/!x",
    "plugged filter fn",
  ]);
  assert.match(first.changed[0] ?? "", /^fn is now [0-9a-f]{12} \(revision 1\)$/);
  assert.ok(state.plugs.list().every((one) => one.owner === "fn"));

  const same = await deploy(state, wanted({ plugs: [plug("/a"), plug("/b/!x")], filters: [{}] }));
  assert.deepEqual(same.changed, []);
  assert.equal(same.revision, 1);

  const second = await deploy(
    state,
    wanted({ techID: two, settings: { start: "s" }, plugs: [plug("/b/!y"), plug("/c")] }),
  );
  assert.deepEqual(second.changed.slice(1), [
    "settings of fn changed (revision 2)",
    "unplugged GET /a",
    "plugged GET /b/!y anew",
    "plugged GET /c",
    "unplugged filter fn",
  ]);
  assert.deepEqual(paths(state), ["/b/!y", "/c"]);
  assert.equal(state.names.resolve("fn").techID, two);
  assert.deepEqual(state.filters.list(), []);
});

test("one bad part refuses the whole deploy", async (t) => {
  const { state, one, two, wanted } = await setUp(t);
  await deploy(state, wanted({ plugs: [plug("/a")] }));
  await deploy(state, wanted({ name: "other", plugs: [plug("/taken/!p", "other")] }));
  await state.plugs.plug(plug("/by-hand", "somebody"));
  const before = JSON.stringify([state.names.get("fn"), state.plugs.list()]);
  const refused: readonly [Partial<Deploy>, RegExp, string][] = [
    [{ techID: "0".repeat(64) }, /no blob 0{64}/, "MOC_NOT_FOUND"],
    [{ plugs: [plug("/new"), plug("bad")] }, /"bad"/, "MOC_NAME_INVALID"],
    [{ plugs: [plug("/new"), plug("/taken/!q")] }, /'other'/, "MOC_CONFLICT"],
    [{ plugs: [plug("/new"), plug("/by-hand")] }, /'somebody'/, "MOC_CONFLICT"],
    [{ plugs: [plug("/x/!a"), plug("/x/!b")] }, /same place/, "MOC_BAD_REQUEST"],
    [{ filters: [{ data: "d" }, { data: "d" }] }, /twice/, "MOC_BAD_REQUEST"],
  ];
  for (const [more, message, code] of refused) {
    await assert.rejects(deploy(state, wanted({ techID: two, ...more })), { code, message });
    assert.equal(JSON.stringify([state.names.get("fn"), state.plugs.list()]), before);
  }
  assert.equal(state.names.resolve("fn").techID, one);
});

test("a plug made by hand for the function becomes the deploy's", async (t) => {
  const { state, wanted } = await setUp(t);
  await state.plugs.plug(plug("/a"));
  await deploy(state, wanted({ plugs: [plug("/a")] }));
  await deploy(state, wanted());
  assert.deepEqual(paths(state), []);
});

test("deploys at the same time run one after the other", async (t) => {
  const { state, one, two, wanted } = await setUp(t);
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      deploy(
        state,
        wanted({
          techID: i % 2 === 0 ? one : two,
          settings: { start: `s${i}` },
          plugs: [plug(`/p${i}`)],
        }),
      ),
    ),
  );
  assert.deepEqual(
    answers.map((answer) => answer.revision),
    Array.from({ length: 40 }, (_, i) => i + 1),
  );
  assert.deepEqual(paths(state), ["/p39"]);
  assert.equal(state.names.get("fn")?.settings.start, "s39");
});

test("the place goes to whoever deploys first", async (t) => {
  const { state, wanted } = await setUp(t);
  const results = await Promise.allSettled(
    ["a", "b", "c"].map((name) => deploy(state, wanted({ name, plugs: [plug("/one", name)] }))),
  );
  assert.deepEqual(
    results.map((result) => result.status),
    ["fulfilled", "rejected", "rejected"],
  );
  assert.equal(state.names.get("b"), undefined);
});

test("undeploy removes what deploys made, and nothing else; events tell of both", async (t) => {
  const { state, wanted } = await setUp(t);
  const events = state.events.subscribe({ kinds: new Set(["deployed", "undeployed"]) });
  await state.plugs.plug(plug("/other", "other"));
  await deploy(state, wanted({ plugs: [plug("/a")], filters: [{}] }));
  await deploy(state, wanted({ plugs: [plug("/a")], filters: [{}] }));
  const answer = await undeploy(state, "fn");
  assert.deepEqual(answer.changed, ["removed fn", "unplugged GET /a", "unplugged filter fn"]);
  assert.equal(state.names.get("fn"), undefined);
  assert.deepEqual(paths(state), ["/other"]);
  await assert.rejects(undeploy(state, "fn"), { code: "MOC_NOT_FOUND", message: /'fn'/ });
  const told = await events.next(1000);
  assert.ok(Array.isArray(told));
  assert.deepEqual(
    told.map((event) => event.kind),
    ["deployed", "undeployed"],
  );
});
