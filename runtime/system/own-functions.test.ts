/** What the platform brings itself cannot be taken from it, and comes back if it was. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deploy } from "../core/deploy.ts";
import { API_ROOT, type RestName } from "../protocol/rest.ts";
import { startTestRuntime } from "../runtime.fixture.ts";
import { type RestInput, RestRuntime } from "./test-rest.ts";

const SCRIPT = `export default { fetch: () => new Response("mine") };`;
const STATUS = { method: "get", path: `${API_ROOT}/status` };

test("its functions and places are refused to everybody else, whatever the call", async () => {
  const rest = await RestRuntime.start();
  try {
    const stored = await rest.call("putBlob", {
      body: SCRIPT,
      headers: { "content-type": "text/javascript" },
    });
    const tech_id = String(stored.json.tech_id);
    const blob = { content_type: "text/javascript", bytes: btoa(SCRIPT) };
    const cases: readonly [RestName, RestInput][] = [
      ["registerBlob", { body: { ...blob, name: "core-api" } }],
      [
        "putBlob",
        { body: SCRIPT, headers: { "content-type": "text/javascript" }, query: "name=dashboard" },
      ],
      ["rollback", { path: { name: "core-api" }, body: { tech_id } }],
      ["deploy", { body: { name: "core-api", tech_id } }],
      ["deploy", { body: { name: "dashboard", tech_id } }],
      ["undeploy", { body: { name: "dashboard" } }],
      ["plugFunction", { body: { ...STATUS, name: "mine" } }],
      ["plugFunction", { body: { ...STATUS, name: "mine", host: "localhost" } }],
      ["plugFunction", { body: { method: "GET", path: `${API_ROOT}/calls/!other`, name: "mine" } }],
      ["plugFile", { body: { ...STATUS, name: `techID://${tech_id}` } }],
      ["unplug", { body: STATUS }],
      ["deploy", { body: { name: "mine", tech_id, plugs: [STATUS] } }],
      ["deploy", { body: { name: "mine", tech_id, plugs: [{ ...STATUS, host: "localhost" }] } }],
    ];
    for (const [name, input] of cases) {
      const { status, json } = await rest.call(name, input);
      const title = `${name} ${JSON.stringify(input)}: ${JSON.stringify(json)}`;
      assert.deepEqual([status, json.code], [409, "MOC_CONFLICT"], title);
      assert.match(String(json.message), /the platform's own function; choose another/, title);
    }
    assert.equal((await rest.call("status")).status, 200);
    const { json } = await rest.call("functions");
    assert.ok(!JSON.stringify(json).includes('"mine"'));
  } finally {
    await rest.stop();
  }
});

test("a data folder in which somebody else has its places, or its name, still starts", async () => {
  await using host = await startTestRuntime();
  const { state } = host.runtime;
  const { techID } = await state.blobs.register("text/javascript", Buffer.from(SCRIPT));
  const plug = { type: "function" as const, start_function: "", data: "", tags: {} };
  await state.plugs.plug({ ...plug, ...STATUS, name: "somebody" });
  await state.names.set("core-api", techID);
  await state.plugs.plug({ ...plug, method: "get", path: `${API_ROOT}/names`, name: "core-api" });
  await deploy(state, {
    name: "other",
    techID,
    settings: {},
    plugs: [{ ...plug, method: "get", path: "/other", name: "other" }],
    filters: [],
  });

  await host.restart();

  assert.equal((await host.get("/other")).text, "mine");
  const headers = { authorization: `Bearer ${host.runtime.instance.token}` };
  assert.equal((await host.get(STATUS.path, { headers })).status, 200);
});
