import assert from "node:assert/strict";
import { test } from "node:test";
import { MocError } from "../../protocol/errors.ts";
import { rewriteModule } from "./rewrite.ts";
import { wat } from "./testing.ts";

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof MocError) return error.code;
    throw error;
  }
  return "none";
}

test("rewriteModule exports mutable globals and memories that the author kept to himself", async () => {
  const rewritten = rewriteModule(
    await wat(`(module (memory 1) (global $a (mut i32) (i32.const 1)) (global i64 (i64.const 2))
      (global $b (mut f64) (f64.const 3)) (func (export "bump")
        (global.set $a (i32.const 7)) (i32.store (i32.const 0) (i32.const 9))))`),
    16,
  );
  assert.equal(rewritten.restorable, true);
  assert.deepEqual(rewritten.state.globals, ["moc:g0", "moc:g2"]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(rewritten.bytes));
  (exports.bump as () => void)();
  assert.equal((exports["moc:g0"] as WebAssembly.Global).value, 7);
  assert.equal((exports["moc:g2"] as WebAssembly.Global).value, 3);
  const memory = exports["moc:m0"] as WebAssembly.Memory;
  assert.equal(new Uint8Array(memory.buffer)[0], 9);
});

test("rewriteModule chooses names that the module does not use", async () => {
  const bytes = await wat(`(module (memory (export "moc:m0") 1))`);
  assert.deepEqual(rewriteModule(bytes, 16).state.memories, ["moc::m0"]);
});

test("rewriteModule lowers the maximum of memories, declared or not", async () => {
  for (const text of ["(memory 1)", "(memory 1 1000)", '(memory (export "memory") 1 2)']) {
    const { bytes, state } = rewriteModule(await wat(`(module ${text})`), 3);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    const memory = exports[state.memories[0] ?? ""] as WebAssembly.Memory;
    const more = text.includes("1 2") ? 1 : 2;
    memory.grow(more);
    assert.throws(() => memory.grow(1), RangeError);
  }
});

test("rewriteModule lowers the maximum that an imported memory asks for", async () => {
  const text = `(module (import "a" "f" (func)) (import "env" "memory" (memory 1))
    (import "env" "t" (table 1 funcref)))`;
  const { bytes } = rewriteModule(await wat(text), 3);
  const module = new WebAssembly.Module(bytes);
  const table = new WebAssembly.Table({ element: "anyfunc", initial: 1, maximum: 1 });
  const link = (maximum: number) =>
    new WebAssembly.Instance(module, {
      a: { f: () => 0 },
      env: { memory: new WebAssembly.Memory({ initial: 1, maximum }), t: table },
    });
  link(3);
  assert.throws(() => link(4), WebAssembly.LinkError);
});

test("rewriteModule refuses a module that wants more memory than its limit from the start", async () => {
  const bytes = await wat("(module (memory 17))");
  assert.equal(
    codeOf(() => rewriteModule(bytes, 16)),
    "MOC_LIMIT_MEMORY",
  );
});

test("several memories share the limit, and tables have one of their own", async () => {
  const text = `(module (memory (export "a") 1) (table (export "t") 2 funcref) (table (export "u") 5 9 funcref))`;
  const { bytes } = rewriteModule(await wat(text), 11);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  assert.equal((exports.a as WebAssembly.Memory).grow(10), 1);
  assert.throws(() => (exports.t as WebAssembly.Table).grow(600_000), RangeError);
  assert.equal((exports.u as WebAssembly.Table).grow(4), 5);
  assert.throws(() => (exports.u as WebAssembly.Table).grow(1), RangeError);
  const large = await wat("(module (table 900000 funcref) (table 200000 externref))");
  assert.equal(
    codeOf(() => rewriteModule(large, 16)),
    "MOC_LIMIT_MEMORY",
  );
  // (memory 1) (memory 2 100)
  const two = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 6, 2, 0, 1, 1, 2, 100);
  assert.deepEqual(rewriteModule(two, 13).memoryMax, [6, 7]);
  assert.equal(
    codeOf(() => rewriteModule(two, 2)),
    "MOC_LIMIT_MEMORY",
  );
});

test("a refused memory.grow leaves a mark, a granted one does not", async () => {
  const text = `(module (memory 1) (func (export "first") (result i32) (i32.const 5))
    (func $grow (export "grow") (param i32 i32) (result i32) (local i64)
      (block (result i32) (br_if 0 (i32.const 3) (i32.eqz (local.get 0)))
        (drop) (memory.grow (local.get 0))) (drop (memory.grow (i32.const 0))))
    (func (export "last") (result i32) (call $grow (i32.const 1) (i32.const 0))))`;
  const { bytes, state } = rewriteModule(await wat(text), 4);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const grow = exports.grow as (pages: number, unused: number) => number;
  const refused = exports[state.growRefused ?? ""] as WebAssembly.Global;
  assert.equal((exports.last as () => number)(), 1);
  assert.equal(grow(1, 0), 2);
  assert.equal(refused.value, 0);
  assert.equal(grow(9, 0), -1);
  assert.equal(refused.value, 1);
  assert.equal((exports.first as () => number)(), 5);
});

test("rewriteModule takes the start section out and exports its function", async () => {
  const text = `(module (global $g (export "g") (mut i32) (i32.const 0)) (func $s
    (global.set $g (i32.const 1))) (start $s))`;
  const { bytes, state } = rewriteModule(await wat(text), 4);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const g = exports.g as WebAssembly.Global;
  assert.equal(g.value, 0);
  (exports[state.start ?? ""] as () => void)();
  assert.equal(g.value, 1);
});

test("instances whose tables, segments or vectors change are not restorable", async () => {
  const table = '(table $t 2 funcref) (elem $e func 0) (memory 1) (data $d "x")';
  const body = (code: string) => `(module ${table} (func ${code}))`;
  const cases: [string, boolean][] = [
    [body("(table.set $t (i32.const 0) (ref.func 0))"), false],
    [body("(drop (table.grow $t (ref.null func) (i32.const 1)))"), false],
    [body("(table.fill $t (i32.const 0) (ref.null func) (i32.const 1))"), false],
    [body("(table.copy (i32.const 0) (i32.const 1) (i32.const 1))"), false],
    [body("(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1))"), false],
    [body("(elem.drop $e)"), false],
    [body("(data.drop $d)"), false],
    [body("(memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))"), true],
    [body("(memory.fill (i32.const 0) (i32.const 0) (i32.const 1))"), true],
    [body("(memory.copy (i32.const 0) (i32.const 0) (i32.const 1))"), true],
    [body("(drop (table.get $t (i32.const 0))) (drop (table.size $t))"), true],
    [body("(drop (i32.trunc_sat_f64_s (f64.const 1.5)))"), true],
    ["(module (global (mut v128) (v128.const i64x2 0 0)))", false],
    ["(module (global v128 (v128.const i64x2 0 0)))", true],
  ];
  for (const [text, restorable] of cases) {
    const rewritten = rewriteModule(await wat(text), 16);
    assert.equal(rewritten.restorable, restorable, text);
    new WebAssembly.Module(rewritten.bytes);
  }
});

test("the instruction reader stays in step with every kind of immediate", async () => {
  // The table.set at the end is only seen when everything before it was read at the right length.
  const text = `(module (memory 1) (table 1 funcref) (type $t (func (result i32))) (tag $e (param i32))
    (func $f (type $t) (i32.const -5)) (elem declare func $f)
    (func (local i32 i64 f32 f64 v128 funcref)
      (block (loop (br_table 0 1 0 (i32.const 1))))
      (drop (select (result i64) (i64.const -99999999999) (i64.const 1) (i32.const 0)))
      (drop (f32.const 1.5)) (drop (f64.const -2.5)) (drop (ref.null extern))
      (drop (call_indirect (type $t) (i32.const 0))) (drop (call $f))
      (v128.store offset=70000 (i32.const 0) (v128.load32_lane offset=300 1 (i32.const 0)
        (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (local.get 4)
          (v128.const i32x4 64 38 252 251))))
      (drop (i8x16.extract_lane_s 3 (local.get 4)))
      (try (do (throw $e (i32.const 1))) (catch $e (drop)) (catch_all (rethrow 0)))
      (i64.store offset=4294967295 (i32.const 0) (i64.load8_u (i32.const 0)))
      (table.set (i32.const 0) (ref.func $f))))`;
  const { restorable, bytes } = rewriteModule(await wat(text), 16);
  new WebAssembly.Module(bytes);
  assert.equal(restorable, false);
  const without = text.replace("(table.set (i32.const 0) (ref.func $f))", "");
  assert.equal(rewriteModule(await wat(without), 16).restorable, true);
});

test("malformed modules are refused with a code, wherever they are cut or changed", async () => {
  const bytes = await wat(`(module (import "a" "b" (func (param i64))) (memory 1) (table 2 funcref)
    (global (mut i32) (i32.const 0)) (export "m" (memory 0)) (func $f (drop (memory.grow (i32.const 1))))
    (start $f) (elem (i32.const 0) $f) (data (i32.const 0) "hello"))`);
  const outcomes = new Set<string>();
  const attempt = (candidate: Uint8Array) => {
    outcomes.add(codeOf(() => rewriteModule(candidate, 16)));
  };
  for (let length = 0; length < bytes.length; length++) attempt(bytes.subarray(0, length));
  for (let index = 0; index < bytes.length; index++) {
    for (const value of [0x00, 0x7f, 0x80, 0xff]) {
      const changed = bytes.slice();
      changed[index] = value;
      attempt(changed);
    }
  }
  for (const outcome of outcomes) {
    assert.ok(["none", "MOC_GUEST_INVALID", "MOC_LIMIT_MEMORY"].includes(outcome), outcome);
  }
});

test("a component is told from a broken file", () => {
  const component = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);
  assert.throws(() => rewriteModule(component, 16), /component \(WASI 0\.2\)/);
  assert.throws(() => rewriteModule(new Uint8Array(0), 16), /00 61 73 6d/);
});
