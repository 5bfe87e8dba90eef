import assert from "node:assert/strict";
import { test } from "node:test";
import type { BoundModule, GuestFunction, Handler } from "../../guest-api/define.ts";
import { makeTestContext } from "../../guest-api/testing.ts";
import { GUEST_FAILURE, MocError } from "../../protocol/errors.ts";
import { resolveLimits } from "../../protocol/limits.ts";
import { createWasmEngine } from "./engine.ts";
import { call, load, toEntry, wat } from "./testing.ts";

/** A module `api` with one function `f`, and a guest that calls it with what is in its memory. */
async function callDeclared(
  declared: Pick<GuestFunction, "params" | "result"> & Partial<GuestFunction>,
  handler: Handler,
  guest: { memory?: string; args: readonly number[]; limits?: { buffers: number } },
) {
  const full: GuestFunction = { waits: false, doc: "", returns: "", ...declared };
  const module: BoundModule = {
    module: { name: "api", aliases: ["old-api"], doc: "", functions: { f: full } },
    handlers: { f: handler },
  };
  const params = guest.args.map(() => "i32").join(" ");
  const values = guest.args.map((value) => `(i32.const ${value})`).join(" ");
  const bytes = await wat(`(module (import "old-api" "f" (func $f (param ${params}) (result i32)))
    (memory (export "memory") 1) (data (i32.const 16) "${guest.memory ?? ""}")
    (func (export "handle") (result i32) (call $f ${values}))
    (func (export "read") (param i32) (result i32) (call $f ${values}) (drop) (i32.load (local.get 0))))`);
  const image = {
    name: "guest",
    techID: "",
    contentType: "application/wasm",
    bytes,
    settings: {},
    limits: resolveLimits(),
  };
  const loaded = await createWasmEngine().load(image, {
    modules: [module],
    resolveModule: async () => undefined,
    log: () => undefined,
  });
  const context = makeTestContext(guest.limits ? { limits: guest.limits } : {});
  const run = (start: string, args: readonly number[] = []) =>
    loaded.run(context, toEntry({ start, args }));
  return { context, run, outcome: await run("handle") };
}

test("every declared parameter type reaches the handler as its value", async () => {
  const seen: unknown[] = [];
  const { outcome } = await callDeclared(
    {
      params: [
        { name: "number", type: "int" },
        { name: "text", type: "string" },
        { name: "raw", type: "bytes" },
        { name: "numbers", type: "ints" },
        { name: "list", type: "strings" },
        { name: "pairs", type: "map" },
        { name: "buffer", type: "buffer_id" },
      ],
      result: "int",
    },
    (_, ...values) => {
      seen.push(...values.map((value) => (value instanceof Uint8Array ? value.slice() : value)));
      return 42;
    },
    {
      memory:
        "h\\c3\\a9\\e2\\82\\ac\\00\\00\\fe\\ff\\ff\\ff\\07\\00\\00\\00" +
        "\\02\\00\\00\\00\\01\\00\\00\\00a\\03\\00\\00\\00b\\c3\\a9" +
        "\\02\\00\\00\\00\\01\\00\\00\\00k\\02\\00\\00\\00\\01\\02",
      args: [-5, 16, 6, 16, 2, 24, 2, 32, 16, 48, 15, 9],
    },
  );
  assert.equal(outcome.result, 42);
  assert.deepEqual(seen, [
    -5,
    "hé€",
    Uint8Array.of(104, 0xc3),
    [-2, 7],
    ["a", "bé"],
    new Map([["k", Uint8Array.of(1, 2)]]),
    9,
  ]);
});

test("an empty list or map may be given as a length of 0", async () => {
  const { outcome } = await callDeclared(
    {
      params: [
        { name: "list", type: "strings" },
        { name: "pairs", type: "map" },
        { name: "numbers", type: "ints" },
      ],
      result: "int",
    },
    (_, list, pairs, numbers) =>
      (list as unknown[]).length +
      (pairs as Map<string, unknown>).size +
      (numbers as unknown[]).length,
    { args: [0, 0, 0, 0, 65_536, 0] },
  );
  assert.equal(outcome.result, 0);
});

test("a handler fills the guest's own memory through dest", async () => {
  const { run } = await callDeclared(
    { params: [{ name: "dest", type: "dest" }], result: "int" },
    (_, dest) => {
      (dest as Uint8Array).set([1, 2, 3, 4]);
      return 0;
    },
    { args: [100, 4] },
  );
  assert.equal((await run("read", [100])).result, 0x04030201);
});

test("a bytes result is copied when it fits, and only its size answered when not", async () => {
  const result = { params: [], result: "bytes" as const };
  const content = Uint8Array.of(9, 8, 7, 6);
  const fits = await callDeclared(result, () => content, { args: [200, 4] });
  assert.equal(fits.outcome.result, 4);
  assert.equal((await fits.run("read", [200])).result, 0x06070809);
  const short = await callDeclared(result, () => content, { args: [200, 3] });
  assert.equal(short.outcome.result, 4);
  assert.equal((await short.run("read", [200])).result, 0);
  const nothing = await callDeclared(result, () => undefined, { args: [200, 4] });
  assert.equal(nothing.outcome.result, 0);
});

test("buffer, string and map results arrive as exchange buffers of the call", async () => {
  const read = async (result: GuestFunction["result"], handler: Handler) => {
    const { context, outcome } = await callDeclared({ params: [], result }, handler, { args: [] });
    return Buffer.from((await context.buffers.get(outcome.result).read()) ?? []);
  };
  assert.deepEqual(await read("buffer", () => Uint8Array.of(1, 2)), Buffer.of(1, 2));
  assert.equal((await read("buffer", () => undefined)).length, 0);
  assert.equal((await read("string", () => "é€")).toString(), "é€");
  const map = await read(
    "map",
    () =>
      new Map<string, string | Uint8Array>([
        ["a", "é"],
        ["b", Uint8Array.of(7)],
      ]),
  );
  assert.equal(
    map.toString("hex"),
    "04000000" + "0100000061" + "02000000c3a9" + "0100000062" + "0100000007",
  );
});

test("hostile pointers and lengths fail with a line in the log, and nothing else", async () => {
  const pairs: [GuestFunction["params"][number]["type"], number, number][] = [
    ["string", 0, -1],
    ["string", -1, 1],
    ["string", 65_536, 1],
    ["bytes", 65_535, 2],
    ["dest", -1, -1],
    ["ints", 0, 16_385],
    ["ints", 0, 0x4000_0001],
    ["ints", 0, -1],
    ["strings", 16, 4],
    ["strings", 16, 3],
    ["map", 16, 4],
    ["map", 24, 13],
  ];
  for (const [type, pointer, length] of pairs) {
    const { outcome, context } = await callDeclared(
      { params: [{ name: "given", type }], result: "int" },
      () => assert.fail("the handler must not be called"),
      {
        memory: "\\ff\\ff\\ff\\7f\\00\\00\\00\\00\\01\\00\\00\\00\\05\\00\\00\\00hello",
        args: [pointer, length],
      },
    );
    assert.equal(outcome.result, GUEST_FAILURE, `${type} ${pointer} ${length}`);
    assert.equal(context.logs.length, 1);
    assert.match(context.logs[0]?.text ?? "", /^api\.f failed: /);
  }
  const { outcome } = await callDeclared({ params: [], result: "bytes" }, () => new Uint8Array(1), {
    args: [65_536, 1],
  });
  assert.equal(outcome.result, GUEST_FAILURE);
});

test("a handler's failure is 0xffff for the guest, and says in the log what failed", async () => {
  for (const waits of [false, true]) {
    const { outcome, context } = await callDeclared(
      { params: [], result: "int", waits },
      waits
        ? async () => {
            throw new MocError("MOC_OUTBOUND_DENIED", "not allowed");
          }
        : () => {
            throw new MocError("MOC_OUTBOUND_DENIED", "not allowed");
          },
      { args: [] },
    );
    assert.equal(outcome.result, GUEST_FAILURE);
    assert.deepEqual(context.logs, [
      { level: "warn", text: "api.f failed: MOC_OUTBOUND_DENIED: not allowed" },
    ]);
  }
});

test("a limit ends the guest instead", async () => {
  const limit = new MocError("MOC_LIMIT_CALLS", "too many");
  const failing = callDeclared(
    { params: [], result: "int", waits: true },
    async () => {
      throw limit;
    },
    { args: [] },
  );
  await assert.rejects(failing, limit);
  const buffers = callDeclared({ params: [], result: "string" }, () => "x", {
    args: [],
    limits: { buffers: 2 },
  });
  await assert.rejects(buffers, { code: "MOC_LIMIT_BUFFERS" });
});

test("the time limit of a function that was called is a failure, not the end of the caller", async () => {
  const { outcome } = await callDeclared(
    { params: [], result: "int", waits: true },
    async () => {
      throw new MocError("MOC_LIMIT_TIME", "the called function took too long");
    },
    { args: [] },
  );
  assert.equal(outcome.result, GUEST_FAILURE);
});

test("asking for a message's size leaves the message where it is", async () => {
  const loaded =
    await load(`(module (import "core" "read_exchange_buffer" (func $read (param i32 i32 i32) (result i32)))
    (import "core" "subscribe" (func $subscribe (param i32 i32) (result i32))) (memory (export "memory") 1)
    (func (export "handle") (result i32) (local $b i32) (local.set $b (call $subscribe (i32.const 0) (i32.const 1)))
      (i32.mul (i32.const 1000) (call $read (local.get $b) (i32.const 0) (i32.const 0)))
      (i32.mul (i32.const 100) (call $read (local.get $b) (i32.const 100) (i32.const 2)))
      (call $read (local.get $b) (i32.const 100) (i32.const 10))
      (i32.load8_u (i32.const 102)) (i32.add) (i32.add) (i32.add)))`);
  let messages = 0;
  const host = {
    subscribe: () => 77,
    streamRead: () => (messages++ === 0 ? Uint8Array.of(1, 2, 3) : undefined),
    streamClose: () => undefined,
  };
  assert.equal((await call(loaded, { host })).result, 3000 + 300 + 3 + 3);
});

test("an import of another type than declared does not link, and says how they differ", async () => {
  const wrong = '(module (import "core" "create_exchange_buffer" (func (param i64) (result i32))))';
  await assert.rejects(load(wrong), {
    code: "MOC_GUEST_LINK",
    message: /core\.create_exchange_buffer as \(i64\) -> i32, but it is \(\) -> i32/,
  });
  const missing = '(module (import "my-own-cluster" "fly" (func)))';
  await assert.rejects(load(missing), /my-own-cluster\.fly, which does not exist/);
  const wasi = '(module (import "wasi_unstable" "fd_close" (func (param i32 i32) (result i32))))';
  await assert.rejects(
    load(wasi),
    /wasi_unstable\.fd_close as \(i32, i32\) -> i32, but it is \(i32\) -> i32/,
  );
});

test("the real core module serves a guest", async () => {
  const loaded =
    await load(`(module (import "my-own-cluster" "create_exchange_buffer" (func $create (result i32)))
    (import "core" "write_exchange_buffer" (func $write (param i32 i32 i32) (result i32)))
    (import "core" "read_exchange_buffer" (func $read (param i32 i32 i32) (result i32)))
    (import "core" "persistence_set" (func $set (param i32 i32 i32 i32) (result i32)))
    (import "core" "persistence_get" (func $get (param i32 i32) (result i32)))
    (import "core" "free_buffer" (func $free (param i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 0) "key value")
    (func (export "handle") (result i32) (local $b i32)
      (drop (call $set (i32.const 0) (i32.const 3) (i32.const 4) (i32.const 5)))
      (local.set $b (call $get (i32.const 0) (i32.const 3)))
      (drop (call $write (local.get $b) (i32.const 3) (i32.const 2)))
      (drop (call $read (local.get $b) (i32.const 100) (i32.const 7)))
      (drop (call $free (local.get $b)))
      (i32.add (call $read (local.get $b) (i32.const 0) (i32.const 0)) (i32.load8_u (i32.const 106)))))`);
  const { result, context } = await call(loaded);
  assert.equal(result, GUEST_FAILURE + "v".charCodeAt(0));
  assert.match(context.logs[0]?.text ?? "", /MOC_BUFFER_UNKNOWN/);
});
