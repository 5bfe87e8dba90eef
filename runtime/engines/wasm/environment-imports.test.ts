import assert from "node:assert/strict";
import { test } from "node:test";
import type { MocError } from "../../protocol/errors.ts";
import { call, load } from "./testing.ts";

test("TinyGo's output goes to stdout in posix mode, and to the log in direct mode", async () => {
  const loaded = await load(`(module (import "env" "io_get_stdout" (func $stdout (result i32)))
    (import "env" "resource_write" (func $write (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 8) "hi\\n")
    (func (export "_start") (result i32) (call $write (call $stdout) (i32.const 8) (i32.const 3))))`);
  const posix = await call(loaded, { mode: "posix" });
  assert.equal(posix.context.outputText(), "hi\n");
  const direct = await call(loaded);
  assert.equal(direct.result, 3);
  assert.deepEqual(direct.context.logs, [{ level: "info", text: "hi" }]);
});

test("TinyGo's clock counts in the unit that its type stands for, and its sleep waits", async () => {
  const loaded = await load(`(module (import "env" "runtime.ticks" (func $old (result f64)))
    (import "env" "runtime.sleepTicks" (func $sleep (param f64)))
    (func (export "handle") (result f64) (local $t f64) (local.set $t (call $old))
      (call $sleep (f64.const 5)) (f64.sub (call $old) (local.get $t))))`);
  assert.ok((await call(loaded)).result >= 4);
  const newer = await load(`(module (import "env" "runtime.ticks" (func $ticks (result i64)))
    (func (export "handle") (result i64) (call $ticks)))`);
  assert.ok((await call(newer)).result > 1e6);
});

test("what only browsers have fails when it is called, not before", async () => {
  const loaded =
    await load(`(module (import "env" "syscall/js.valueGet" (func $get (param i32) (result i64)))
    (func (export "handle") (drop (call $get (i32.const 0)))) (func (export "fine") (result i32) (i32.const 3)))`);
  assert.equal((await call(loaded, { start: "fine" })).result, 3);
  await assert.rejects(
    call(loaded),
    /env\.syscall\/js\.valueGet was called, which is there in browsers only/,
  );
});

test("AssemblyScript's abort is an error at a place in the author's file", async () => {
  const loaded =
    await load(`(module (import "env" "abort" (func $abort (param i32 i32 i32 i32))) (memory 1)
    (data (i32.const 12) "\\06\\00\\00\\00b\\00a\\00d\\00") (data (i32.const 36) "\\08\\00\\00\\00a\\00.\\00t\\00s\\00")
    (func (export "handle") (call $abort (i32.const 16) (i32.const 40) (i32.const 3) (i32.const 7)))
    (func (export "broken") (call $abort (i32.const -1) (i32.const 0) (i32.const 0) (i32.const 0))))`);
  await assert.rejects(call(loaded), (error: MocError) => {
    assert.equal(error.message, "bad, in a.ts(3:7)");
    assert.deepEqual(error.position, { file: "a.ts", line: 3, column: 7 });
    return true;
  });
  await assert.rejects(call(loaded, { start: "broken" }), { code: "MOC_GUEST_ERROR" });
});
