/** Versions that replace each other, while they serve. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { wat } from "../engines/wasm/testing.ts";
import { RestRuntime } from "./test-rest.ts";

const VERSIONS = 10;
/** Each version's instance holds 30 MiB as long as it is kept: two fit in. */
const GUESTS_MIB = 80;

const largeWat = (answer: number) => `(module
  (memory (export "memory") 480)
  (func (export "run") (result i32)
    (i32.add (i32.const ${answer}) (i32.load8_u (i32.const 31000000)))
    (i32.store8 (i32.const 31000000) (i32.const 7))))`;

const js = (text: string) => `
  const before = [typeof globalThis.seen, typeof Array.prototype.seen].join(" ");
  export default { fetch() {
    Array.prototype.seen = globalThis.seen = new Uint8Array(1 << 20).fill(7);
    return new Response("${text} " + before);
  } };`;

test("versions find nothing of each other in the executors that they take over, nor memory missing", async () => {
  const rest = await RestRuntime.start({ guestMemoryMiB: GUESTS_MIB });
  const deploy = async (name: string, contentType: string, body: string | Uint8Array) => {
    const put = await rest.call("putBlob", { body, headers: { "content-type": contentType } });
    const plugs = [{ path: `/${name}`, ...(name === "large" && { start_function: "run" }) }];
    const { json } = await rest.call("deploy", {
      body: { name, tech_id: String(put.json.tech_id), plugs },
    });
    assert.equal(json.problem, undefined);
  };
  const get = async (path: string) => {
    const answer = await rest.send("GET", path);
    return { status: answer.statusCode, text: (await answer.toArray()).join("") };
  };
  try {
    for (let version = 0; version < VERSIONS; version++) {
      await deploy("large", "application/wasm", await wat(largeWat(200 + version)));
      await deploy("small", "text/javascript", js(`v${version}`));
      for (let call = 0; call < 2; call++) {
        assert.equal((await get("/large")).status, 200 + version);
        assert.deepEqual(await get("/small"), {
          status: 200,
          text: `v${version} undefined undefined`,
        });
      }
    }
  } finally {
    await rest.stop();
  }
});
