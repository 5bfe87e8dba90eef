/** Far more functions than executors: threads are given from one to the next, and nothing else with them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestRuntime } from "./runtime.fixture.ts";

const FUNCTIONS = 9;
const ROUNDS = 5;
/** Less than what all functions would hold together, if what they give up were still counted. */
const GUESTS_MIB = 80;

/** Answers its name, and whether somebody was here before. */
function script(name: string): string {
  return `
    var moc = requireApi("core");
    var before = [typeof globalThis.seen, typeof Array.prototype.seen, globalThis.own];
    globalThis.own = ${JSON.stringify(name)};
    function run() {
      var held = new Uint8Array(2 << 20).fill(7);
      globalThis.seen = 1;
      Array.prototype.seen = held;
      moc.writeExchangeBuffer(moc.getOutputBufferId(), [${JSON.stringify(name)}].concat(before).join(" "));
      return 200;
    }`;
}

/** Answers 200 + how often its memory and its global were counted up. */
const WAT = `(module
  (memory (export "memory") 17)
  (global $calls (mut i32) (i32.const 0))
  (func (export "run") (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.store (i32.const 1114000) (i32.add (i32.load (i32.const 1114000)) (i32.const 1)))
    (i32.add (i32.const 198) (i32.add (global.get $calls) (i32.load (i32.const 1114000))))))`;

test("functions that take turns in few executors find nothing of each other", async () => {
  await using host = await startTestRuntime({ executorsMax: 3, guestMemoryMiB: GUESTS_MIB });
  const names = Array.from({ length: FUNCTIONS }, (_, n) => `f${n}`);
  const isWasm = (name: string) => Number(name.slice(1)) % 3 === 2;
  for (const name of names) {
    await host.deploy({
      name,
      ...(isWasm(name) ? { wat: WAT } : { js: script(name) }),
      settings: { start: "run" },
    });
  }
  for (let round = 0; round < ROUNDS; round++) {
    const answers = await Promise.all(names.map((name) => host.get(`/${name}`)));
    for (const [n, { status, text }] of answers.entries()) {
      const name = names[n] ?? "";
      assert.equal(status, 200, `${name} in round ${round}: ${text}`);
      if (!isWasm(name)) assert.equal(text, `${name} undefined undefined `);
    }
  }
});
