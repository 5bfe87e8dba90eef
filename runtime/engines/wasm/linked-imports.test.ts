import assert from "node:assert/strict";
import { test } from "node:test";
import { call, codeOf, load } from "./testing.ts";

const CALLEE = `(module (import "core" "read_exchange_buffer" (func $read (param i32 i32 i32) (result i32)))
  (import "core" "sleep" (func $sleep (param i32) (result i32))) (memory (export "memory") 1)
  (global $calls (mut i32) (i32.const 0))
  (func (export "size") (param i32) (result i32) (call $read (local.get 0) (i32.const 0) (i32.const 0)))
  (func (export "count") (result i32) (drop (call $sleep (i32.const 1)))
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 10)))
    (i32.add (global.get $calls) (i32.load (i32.const 0))))
  (func (export "trap") unreachable))`;

test("a module's imports are the exports of the module registered under their name", async () => {
  const loaded = await load(
    `(module (import "tools" "size" (func $size (param i32) (result i32)))
      (import "core" "create_exchange_buffer" (func $create (result i32)))
      (import "core" "write_exchange_buffer" (func $write (param i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 0) "hello")
      (func (export "handle") (result i32) (local $b i32) (local.set $b (call $create))
        (drop (call $write (local.get $b) (i32.const 0) (i32.const 5))) (call $size (local.get $b))))`,
    { registered: { tools: CALLEE } },
  );
  assert.deepEqual(loaded.links, ["tools"]);
  assert.equal((await call(loaded)).result, 5);
});

test("a linked module keeps its state within a call, and starts pristine in the next", async () => {
  const loaded = await load(
    `(module (import "tools" "count" (func $count (result i32)))
      (func (export "handle") (result i32) (drop (call $count)) (call $count)))`,
    { registered: { tools: CALLEE } },
  );
  for (let round = 0; round < 3; round++) assert.equal((await call(loaded)).result, 22);
  const many = await Promise.all(Array.from({ length: 20 }, () => call(loaded)));
  assert.ok(many.every((one) => one.result === 22));
});

test("modules that link with each other's imports share one instance in a call", async () => {
  const through = (name: string) =>
    `(module (import "tools" "count" (func $count (result i32))) (func (export "${name}") (result i32) (call $count)))`;
  const loaded = await load(
    `(module (import "left" "l" (func $l (result i32))) (import "right" "r" (func $r (result i32)))
      (func (export "handle") (result i32) (drop (call $l)) (call $r)))`,
    { registered: { tools: CALLEE, left: through("l"), right: through("r") } },
  );
  assert.deepEqual([...loaded.links].sort(), ["left", "right", "tools"]);
  assert.equal((await call(loaded)).result, 22);
});

test("what cannot be linked is said before the first call", async () => {
  const registered = { tools: CALLEE };
  const importing = (module: string, field: string, type = "") =>
    load(`(module (import "${module}" "${field}" (func ${type})))`, { registered });
  await assert.rejects(importing("nowhere", "f"), /push nowhere first/);
  await assert.rejects(importing("tools", "f"), /tools\.f, which tools does not export/);
  await assert.rejects(importing("tools", "size", "(param f64)"), {
    code: "MOC_GUEST_LINK",
    message: /tools\.size as \(f64\) -> \(\), but it is \(i32\) -> i32/,
  });
  await assert.rejects(
    importing("env", "strlen"),
    /env\.strlen: the function is declared but defined nowhere/,
  );
  const global = '(module (import "tools" "g" (global i32)))';
  await assert.rejects(load(global, { registered }), /imports the global tools\.g/);
});

test("modules that import each other are refused by their names", async () => {
  const imports = (module: string) =>
    `(module (import "${module}" "f" (func)) (func (export "f")))`;
  const registered = { b: imports("c"), c: imports("b") };
  await assert.rejects(load(imports("b"), { registered }), /test -> b -> c -> b/);
  await assert.rejects(
    load(imports("test"), { registered: { test: imports("test") } }),
    /test -> test/,
  );
});

test("a trap in a linked module ends the call and names the module", async () => {
  const loaded = await load(
    `(module (import "tools" "trap" (func $trap)) (func (export "handle") (try (do (call $trap)) (catch_all))))`,
    { registered: { tools: CALLEE } },
  );
  await assert.rejects(call(loaded), /^MocError: tools \(trap\) trapped: unreachable/);
  assert.equal(await codeOf(() => call(loaded)), "MOC_GUEST_TRAP");
});

test("a chain of modules without end is refused", async () => {
  const registered = Object.fromEntries(
    Array.from({ length: 70 }, (_, index) => [
      `m${index}`,
      `(module (import "m${index + 1}" "f" (func)) (func (export "f")))`,
    ]),
  );
  const first = '(module (import "m0" "f" (func)))';
  await assert.rejects(load(first, { registered }), /more than 64 linked modules/);
});
