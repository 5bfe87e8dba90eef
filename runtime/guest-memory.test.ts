/** Memory of all guests together: many that stay within their own limit, and more than the process may have. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestRuntime, type TestAnswer, type TestDeploy } from "./runtime.fixture.ts";

const CALLS = 8;
const EACH_MIB = 40;
/** Room for two calls beside the machines that have not grown. */
const ALL_MIB = 120;

const HOLD_JS = `export default { async fetch(request, env) {
  const held = new Uint8Array(${EACH_MIB} << 20).fill(1);
  while (!(await env.kv.get("go"))) await new Promise((resolve) => setTimeout(resolve, 10));
  return new Response(String(held.length));
} };`;

/** The same: it writes a key, which waits for the disk, until another one is there. */
const HOLD_WAT = `(module
  (import "core" "persistence_set" (func $set (param i32 i32 i32 i32) (result i32)))
  (import "core" "persistence_get" (func $get (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "gox")
  (func (export "run") (result i32)
    (if (i32.eq (memory.grow (i32.const ${EACH_MIB * 16})) (i32.const -1)) (then unreachable))
    (loop $again
      (drop (call $set (i32.const 2) (i32.const 1) (i32.const 0) (i32.const 2)))
      (br_if $again (i32.eq (call $get (i32.const 0) (i32.const 2)) (i32.const 0xffff))))
    i32.const 200))`;

const GO_JS = `export default { async fetch(request, env) {
  await env.kv.put("go", "1");
  return new Response("");
} };`;

async function answersUntil(
  calls: readonly Promise<TestAnswer>[],
  count: number,
): Promise<readonly TestAnswer[]> {
  const answers: TestAnswer[] = [];
  await new Promise<void>((resolve, reject) => {
    for (const call of calls) {
      call.then((answer) => {
        answers.push(answer);
        if (answers.length === count) resolve();
      }, reject);
    }
  });
  return [...answers];
}

const HOLDERS: Readonly<Record<string, Pick<TestDeploy, "js" | "wat" | "settings">>> = {
  JavaScript: { js: HOLD_JS },
  WebAssembly: { wat: HOLD_WAT, settings: { start: "run" } },
};

for (const [kind, holder] of Object.entries(HOLDERS)) {
  test(`${kind}: calls that need more than the process has are refused, the others go on`, async () => {
    await using host = await startTestRuntime({ guestMemoryMiB: ALL_MIB });
    await host.deploy({ name: "hold", ...holder });
    await host.deploy({ name: "go", js: GO_JS });
    const calls = Array.from({ length: CALLS }, () => host.get("/hold"));
    for (const { status, json } of await answersUntil(calls, CALLS - 2)) {
      assert.equal(json.code, "MOC_GUESTS_MEMORY");
      assert.equal(status, 503);
      assert.match(json.message ?? "", /120 MiB.*--guest-memory/);
    }
    assert.equal((await host.get("/go")).status, 200);
    const held = (await Promise.all(calls)).filter(({ status }) => status === 200);
    assert.ok(held.length >= 1 && held.length <= 2, `${held.length} were served`);
    // What they held is free again.
    for (let round = 0; round < 4; round++) assert.equal((await host.get("/hold")).status, 200);
  });
}
