import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTestContext } from "../../guest-api/testing.ts";
import { MocError } from "../../protocol/errors.ts";
import { call, codeOf, load, toEntry, wat } from "./testing.ts";

const GET_IDS = `(import "core" "get_output_buffer_id" (func $output (result i32)))
  (import "core" "write_exchange_buffer" (func $write (param i32 i32 i32) (result i32)))`;

test("direct mode answers what the start function returns, of every number type", async () => {
  const loaded = await load(`(module
    (func (export "i") (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
    (func (export "l") (param i64) (result i64) (i64.mul (local.get 0) (i64.const 3)))
    (func (export "d") (param f64 f32) (result f64) (f64.add (local.get 0) (f64.promote_f32 (local.get 1))))
    (func (export "nothing")))`);
  assert.equal((await call(loaded, { start: "i", args: [3, 5] })).result, -2);
  assert.equal((await call(loaded, { start: "l", args: [-7] })).result, -21);
  assert.equal((await call(loaded, { start: "d", args: [1.5, 0.25] })).result, 1.75);
  assert.equal((await call(loaded, { start: "nothing" })).result, 0);
});

test("without a name the start function is _start, else handle, else main", async () => {
  const exported = (name: string, value: number) =>
    `(func (export "${name}") (result i32) (i32.const ${value}))`;
  const all = [exported("main", 1), exported("handle", 2), exported("_start", 3)];
  for (let count = 1; count <= 3; count++) {
    const loaded = await load(`(module ${all.slice(0, count).join("")})`);
    assert.equal((await call(loaded)).result, count);
  }
  const main = await load(
    '(module (func (export "main") (param i32 i32) (result i32) (i32.add (local.get 0) (i32.const 5))))',
  );
  assert.equal((await call(main)).result, 5);
  const deployed = await load(`(module ${all.join("")})`, { settings: { start: "main" } });
  assert.equal((await call(deployed)).result, 1);
});

test("a missing start function is reported with the names that exist", async () => {
  const loaded = await load(
    '(module (func (export "one")) (func (export "two")) (memory (export "m") 1))',
  );
  await assert.rejects(call(loaded), /none of _start, handle, main; it exports one, two$/);
  await assert.rejects(call(loaded, { start: "three" }), { code: "MOC_GUEST_NO_START" });
  await assert.rejects(call(loaded, { start: "m" }), { code: "MOC_GUEST_NO_START" });
});

test("arguments that do not fit are refused with the function's signature", async () => {
  const loaded = await load(
    '(module (func (export "add") (param i32 i64) (result i32) (i32.const 0)))',
  );
  await assert.rejects(
    call(loaded, { start: "add", args: [1] }),
    (error: MocError) =>
      error.code === "MOC_BAD_REQUEST" && error.message.includes("(i32, i64) -> i32"),
  );
  await assert.rejects(call(loaded, { start: "add", args: [1, 2, 3] }), {
    code: "MOC_BAD_REQUEST",
  });
  await assert.rejects(call(loaded, { start: "add", args: [1, Number.NaN] }), {
    code: "MOC_BAD_REQUEST",
  });
  const references = await load('(module (func (export "f") (param externref)))');
  await assert.rejects(call(references, { start: "f", args: [1] }), /externref/);
});

test("nothing of a call's globals, memory or table reaches the next", async () => {
  const loaded = await load(`(module (memory (export "memory") 2)
    (global $private (mut i32) (i32.const 7)) (global $wide (mut i64) (i64.const 8)) (table 2 funcref)
    (data (i32.const 70000) "start") (func $f)
    (func (export "handle") (result i32) (local $before i32)
      (local.set $before (i32.add (global.get $private) (i32.add (i32.wrap_i64 (global.get $wide))
        (i32.add (i32.load (i32.const 12)) (i32.add (i32.load (i32.const 131068)) (i32.load8_u (i32.const 70000)))))))
      (global.set $private (i32.const 1000)) (global.set $wide (i64.const 1000))
      (i32.store (i32.const 12) (i32.const 99)) (i32.store (i32.const 131068) (i32.const 99))
      (i32.store8 (i32.const 70000) (i32.const 0)) (local.get $before)))`);
  for (let round = 0; round < 5; round++) {
    assert.equal((await call(loaded)).result, 7 + 8 + "s".charCodeAt(0));
  }
});

test("a table that a call changes is as before in the next", async () => {
  const loaded = await load(`(module (table $t 2 funcref) (func $f)
    (func (export "handle") (result i32) (ref.is_null (table.get $t (i32.const 1)))
      (table.set $t (i32.const 1) (ref.func $f))) (elem declare func $f))`);
  for (let round = 0; round < 3; round++) assert.equal((await call(loaded)).result, 1);
});

test("memory that a call let grow is of its first size in the next", async () => {
  const loaded = await load(`(module (memory 1)
    (func (export "handle") (result i32) (local $before i32) (local.set $before (memory.size))
      (drop (memory.grow (i32.const 3))) (local.get $before)))`);
  const first = await call(loaded);
  assert.equal(first.result, 1);
  assert.equal(first.memoryBytes, 4 * 65_536);
  assert.equal((await call(loaded)).result, 1);
});

test("a segment that a call drops is there in the next", async () => {
  const loaded = await load(`(module (memory 1) (data $d "x") (func (export "handle") (result i32)
    (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (data.drop $d) (i32.load8_u (i32.const 0))))`);
  for (let round = 0; round < 3; round++) assert.equal((await call(loaded)).result, 120);
});

test("random numbers differ from call to call", async () => {
  const loaded =
    await load(`(module (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (memory (export "memory") 1) (func (export "handle") (result f64) (drop (call $random (i32.const 0) (i32.const 8)))
      (f64.convert_i64_u (i64.load (i32.const 0)))))`);
  const results = await Promise.all([1, 2, 3, 4].map(() => call(loaded)));
  assert.equal(new Set(results.map((one) => one.result)).size, 4);
});

test("a call that fails leaves nothing for the next", async () => {
  const loaded = await load(`(module (memory 1) (global $g (mut i32) (i32.const 0))
    (func (export "handle") (param i32) (result i32)
      (if (local.get 0) (then (global.set $g (i32.const 5)) (i32.store (i32.const 0) (i32.const 6)) unreachable))
      (i32.add (global.get $g) (i32.load (i32.const 0)))))`);
  assert.equal((await call(loaded, { args: [0] })).result, 0);
  assert.equal(await codeOf(() => call(loaded, { args: [1] })), "MOC_GUEST_TRAP");
  assert.equal((await call(loaded, { args: [0] })).result, 0);
});

test("start-up code runs once, in order, and its state is what every call starts from", async () => {
  const logs: string[] = [];
  const loaded = await load(
    `(module (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (global $order (mut i32) (i32.const 0))
      (data (i32.const 0) "\\10\\00\\00\\00\\06\\00\\00\\00") (data (i32.const 16) "begin\\n")
      (func $step (param i32) (global.set $order (i32.add (i32.mul (global.get $order) (i32.const 10)) (local.get 0))))
      (func $first (call $step (i32.const 1))) (start $first)
      (func (export "_initialize") (call $step (i32.const 2))
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (drop (memory.grow (i32.const 1))) (i32.store (i32.const 100000) (i32.const 4)))
      (func (export "moc_init") (call $step (i32.const 3)))
      (func (export "handle") (result i32) (i32.add (i32.mul (global.get $order) (i32.const 10))
        (i32.load (i32.const 100000))) (i32.store (i32.const 100000) (i32.const 0)) (call $step (i32.const 9))))`,
    { log: (text) => logs.push(text) },
  );
  const results = await Promise.all([1, 2, 3].map(() => call(loaded)));
  assert.deepEqual(
    results.map((one) => one.result),
    [1234, 1234, 1234],
  );
  assert.deepEqual(logs, ["begin"]);
});

test("what start-up code made zero is zero in every instance, however many run at once", async () => {
  const loaded = await load(`(module (import "core" "sleep" (func $sleep (param i32) (result i32)))
    (memory 2) (data (i32.const 9) "x") (data (i32.const 90000) "y")
    (func (export "moc_init") (i32.store8 (i32.const 9) (i32.const 0)) (i32.store8 (i32.const 50000) (i32.const 5)))
    (func (export "handle") (result i32) (drop (call $sleep (i32.const 1)))
      (i32.add (i32.load8_u (i32.const 9)) (i32.add (i32.load8_u (i32.const 50000)) (i32.load8_u (i32.const 90000))))
      (i32.store8 (i32.const 9) (i32.const 77)) (i32.store8 (i32.const 50000) (i32.const 0))))`);
  const results = await Promise.all(Array.from({ length: 10 }, () => call(loaded)));
  assert.ok(results.every((one) => one.result === 5 + 121));
});

test("a module whose state cannot be saved runs its start-up code for every call", async () => {
  const loaded =
    await load(`(module (table $t 1 funcref) (global $g (mut i32) (i32.const 0)) (func $f)
    (elem declare func $f) (func (export "moc_init") (global.set $g (i32.add (global.get $g) (i32.const 4)))
      (table.set $t (i32.const 0) (ref.func $f)))
    (func (export "handle") (result i32) (global.get $g) (global.set $g (i32.const 50))))`);
  for (let round = 0; round < 3; round++) assert.equal((await call(loaded)).result, 4);
});

test("start-up code that fails, or calls the guest API, keeps the function from loading", async () => {
  const trap = '(module (func (export "_initialize") unreachable))';
  await assert.rejects(load(trap), /start-up\) trapped: unreachable/);
  const api = `(module ${GET_IDS} (func (export "moc_init") (drop (call $output))))`;
  await assert.rejects(
    load(api),
    /core\.get_output_buffer_id was called by the module's start-up code/,
  );
});

test("shared state lasts, calls come one after the other, and a trap starts anew", async () => {
  const text = `(module (import "core" "sleep" (func $sleep (param i32) (result i32))) (global $n (mut i32) (i32.const 0))
    (func (export "handle") (param i32) (result i32) (local $n i32) (local.set $n (global.get $n))
      (drop (call $sleep (i32.const 1))) (global.set $n (i32.add (local.get $n) (i32.const 1)))
      (if (local.get 0) (then unreachable)) (global.get $n)))`;
  const loaded = await load(text, { settings: { state: "shared" } });
  const results = await Promise.all([0, 0, 0].map((arg) => call(loaded, { args: [arg] })));
  assert.deepEqual(
    results.map((one) => one.result),
    [1, 2, 3],
  );
  assert.equal(await codeOf(() => call(loaded, { args: [1] })), "MOC_GUEST_TRAP");
  assert.equal((await call(loaded, { args: [0] })).result, 1);
});

test("many guests wait at once, each in its own state", async () => {
  const loaded = await load(`(module (import "core" "sleep" (func $sleep (param i32) (result i32)))
    (memory 1) (func (export "handle") (param i32) (result i32) (i32.store (i32.const 0) (local.get 0))
      (drop (call $sleep (i32.const 5))) (i32.load (i32.const 0))))`);
  const numbers = Array.from({ length: 300 }, (_, index) => index);
  const results = await Promise.all(numbers.map((number) => call(loaded, { args: [number] })));
  assert.deepEqual(
    results.map((one) => one.result),
    numbers,
  );
});

test("a cancelled call ends a guest that waits, even one that catches everything", async () => {
  const loaded = await load(`(module (import "core" "sleep" (func $sleep (param i32) (result i32)))
    (func (export "handle") (result i32) (loop $again
      (try (do (drop (call $sleep (i32.const 60000)))) (catch_all)) (br $again)) (i32.const 0))
    (func (export "once") (result i32) (try (do (drop (call $sleep (i32.const 60000)))) (catch_all)) (i32.const 1)))`);
  const reason = new MocError("MOC_LIMIT_TIME", "too slow");
  const controller = new AbortController();
  // The host never answers: only the signal can end the wait.
  const host = { sleep: () => new Promise(() => undefined) };
  const waiting = call(loaded, { start: "once", signal: controller.signal, host });
  await new Promise((resolve) => setImmediate(resolve));
  controller.abort(reason);
  await assert.rejects(waiting, reason);
  await assert.rejects(call(loaded, { start: "once", signal: controller.signal, host }), reason);
});

test("a trap carries the guest's own stack by the names of its functions", async () => {
  const loaded = await load(`(module (memory 1) (func $inner (drop (i32.load (i32.const -1))))
    (func $outer (call $inner)) (func (export "handle") (call $outer)))`);
  await assert.rejects(call(loaded), (error: MocError) => {
    assert.equal(error.code, "MOC_GUEST_TRAP");
    assert.match(error.message, /^test \(handle\) trapped: memory access out of bounds, in inner/);
    assert.match(error.guestStack ?? "", /at inner \(function 0, byte 0x[0-9a-f]+\)\n\s+at outer/);
    assert.doesNotMatch(error.guestStack ?? "", /\.ts/);
    return true;
  });
});

test("recursion without end is a limit of the stack, and the engine goes on", async () => {
  const loaded = await load(`(module ${GET_IDS} (func $r (export "handle") (call $r))
    (func $h (export "host") (drop (call $output)) (call $h)) (func (export "fine") (result i32) (i32.const 1)))`);
  for (const start of ["handle", "host"]) {
    assert.equal(await codeOf(() => call(loaded, { start })), "MOC_LIMIT_STACK", start);
  }
  assert.equal((await call(loaded, { start: "fine" })).result, 1);
});

test("a guest that was refused memory and then trapped is told so", async () => {
  const text = `(module (memory 1) (func (export "handle") (param i32) (result i32)
    (if (i32.eq (memory.grow (local.get 0)) (i32.const -1)) (then unreachable)) (memory.size))
    (func (export "careful") (result i32) (memory.grow (i32.const 9999))))`;
  const loaded = await load(text, { limits: { memoryMiB: 2 } });
  assert.equal((await call(loaded, { args: [31] })).result, 32);
  await assert.rejects(call(loaded, { args: [32] }), {
    code: "MOC_LIMIT_MEMORY",
    message: /more than its 2 MiB/,
  });
  const careful = await call(loaded, { start: "careful" });
  assert.equal(careful.result, -1);
  assert.match(careful.context.logs[0]?.text ?? "", /was refused/);
});

test("an imported memory is capped like one of the module's own", async () => {
  const text = `(module (import "env" "memory" (memory 1)) (import "env" "__indirect_function_table" (table 1 funcref))
    (func (export "handle") (result i32) (i32.store (i32.const 4) (i32.add (i32.load (i32.const 4)) (i32.const 1)))
      (memory.grow (i32.const 16)) (i32.add (i32.load (i32.const 4)))))`;
  const loaded = await load(text, { limits: { memoryMiB: 1 } });
  for (let round = 0; round < 2; round++) assert.equal((await call(loaded)).result, 0);
});

test("bytes that are no module, and modules that do not validate, are refused", async () => {
  const notes: [Uint8Array, RegExp][] = [
    [new TextEncoder().encode("hello world"), /00 61 73 6d/],
    [Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 255, 255, 255, 255, 15), /ends too early/],
    // (func (result i32)) without a value
    [
      Uint8Array.of(
        0,
        97,
        115,
        109,
        1,
        0,
        0,
        0,
        1,
        5,
        1,
        96,
        0,
        1,
        127,
        3,
        2,
        1,
        0,
        10,
        4,
        1,
        2,
        0,
        11,
      ),
      /#0/,
    ],
  ];
  for (const [bytes, message] of notes) {
    await assert.rejects(load(bytes), { code: "MOC_GUEST_INVALID", message });
  }
});

test("damaged modules load or are refused, and never anything else", async () => {
  const bytes =
    await wat(`(module (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
    (memory 1 2) (table 1 funcref) (global (mut i32) (i32.const 1)) (export "m" (memory 0))
    (func $f (param i32) (result i32) (memory.grow (local.get 0))) (elem (i32.const 0) $f) (data (i32.const 8) "abc"))`);
  const codes = new Set<string>();
  for (let index = 8; index < bytes.length; index++) {
    for (const flip of [0x01, 0x40, 0xff]) {
      const changed = bytes.slice();
      changed[index] = (changed[index] ?? 0) ^ flip;
      codes.add(await codeOf(() => load(changed)));
    }
  }
  const refusals = [
    "none",
    "MOC_GUEST_INVALID",
    "MOC_GUEST_LINK",
    "MOC_GUEST_TRAP",
    "MOC_LIMIT_MEMORY",
  ];
  assert.deepEqual(
    [...codes].filter((code) => !refusals.includes(code)),
    [],
  );
});

test("a data segment outside of memory is the module's fault", async () => {
  assert.equal(
    await codeOf(() => load('(module (memory 1) (data (i32.const 65536) "x"))')),
    "MOC_GUEST_TRAP",
  );
});

test("idle instances are kept within bounds, and let go on close", async () => {
  const loaded = await load('(module (memory 16) (func (export "handle")))');
  const contexts = Array.from({ length: 80 }, () => makeTestContext());
  await Promise.all(contexts.map((context) => loaded.run(context, toEntry({}))));
  assert.ok(loaded.memoryBytes() < 33 * 2 ** 20, String(loaded.memoryBytes()));
  loaded.close();
  assert.ok(loaded.memoryBytes() < 2 ** 20);
});

test("large memories are pristine too, though they are not put back in place", async () => {
  const loaded =
    await load(`(module (memory 100) (data (i32.const 6000000) "a") (func (export "handle") (result i32)
    (i32.load8_u (i32.const 6000000)) (i32.store8 (i32.const 6000000) (i32.const 0))
    (i32.add (i32.load8_u (i32.const 5)) ) (i32.store8 (i32.const 5) (i32.const 1))))`);
  for (let round = 0; round < 3; round++) assert.equal((await call(loaded)).result, 97);
});
