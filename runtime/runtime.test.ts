import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ENGINE_CONTENT_TYPES } from "./engines/content-types.ts";
import { ENGINES } from "./engines/list.ts";
import { startTestRuntime, type TestRuntime } from "./runtime.fixture.ts";

/** Time is what ends these; everything else has more of it than the slowest machine needs. */
/** Which limit ends a guest must not depend on how busy the machine is. */
const LOOPS = { limits: { cpuMs: 300, timeoutMs: 60_000 } };
const WAITS = { limits: { cpuMs: 60_000, timeoutMs: 1500 } };
const PATIENT = { limits: { cpuMs: 60_000, timeoutMs: 60_000, memoryMiB: 32 } };
const HELLO = `function hello() {
  var moc = requireApi("core");
  moc.writeExchangeBuffer(moc.getOutputBufferId(), "hello");
  return 200;
}`;

let host: TestRuntime;
before(async () => {
  host = await startTestRuntime();
  await host.deploy({ name: "hello", js: HELLO, settings: { start: "hello" } });
});
after(() => host[Symbol.asyncDispose]());

test("the main thread knows all content types that engines run", () => {
  const ran = ENGINES.flatMap((engine) => engine.contentTypes);
  assert.deepEqual([...ran].sort(), [...ENGINE_CONTENT_TYPES].sort());
});

test("a function answers its URL; a returned 100..599 is the status", async () => {
  const answer = await host.get("/hello");
  assert.equal(answer.status, 200);
  assert.equal(answer.text, "hello");
});

test("nothing survives a call: JavaScript globals, prototypes, timers, random state", async () => {
  await host.deploy({
    name: "fresh-js",
    js: `var count = 0;
      export default { fetch() {
        count++;
        globalThis.leak = (globalThis.leak ?? 0) + 1;
        const polluted = "stain" in {};
        Object.prototype.stain = 1;
        setTimeout(() => { globalThis.late = 1; }, 0);
        return Response.json([count, globalThis.leak, polluted, globalThis.late ?? 0, Math.random()]);
      } };`,
  });
  const first = JSON.parse((await host.get("/fresh-js")).text);
  const second = JSON.parse((await host.get("/fresh-js")).text);
  assert.deepEqual(first.slice(0, 4), [1, 1, false, 0]);
  assert.deepEqual(second.slice(0, 4), [1, 1, false, 0]);
  assert.notEqual(first[4], second[4]);
});

const COUNTER = `(module
  (memory (export "memory") 1)
  (global $calls (mut i32) (i32.const 0))
  (table $t 2 funcref) (elem (i32.const 0) $one $two)
  (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
  (type $f (func (result i32)))
  (func (export "run") (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.store (i32.const 65000) (i32.add (i32.load (i32.const 65000)) (i32.const 1)))
    (i32.add (i32.const 300) (i32.add
      (i32.mul (i32.const 10) (global.get $calls))
      (i32.load (i32.const 65000)))))
  (func (export "grow") (result i32) (drop (memory.grow (i32.const 3))) (i32.add (i32.const 200) (memory.size)))
  (func (export "swap") (result i32)
    (table.set $t (i32.const 0) (table.get $t (i32.const 1)))
    (i32.add (i32.const 200) (call_indirect (type $f) (i32.const 0))))
  (func (export "direct") (result i32) (i32.add (i32.const 200) (call_indirect (type $f) (i32.const 0)))))`;

test("nothing survives a call: wasm globals, memory, memory size, tables", async () => {
  await host.deploy({
    name: "fresh-wasm",
    wat: COUNTER,
    plugs: ["run", "grow", "swap", "direct"].map((start) => ({
      path: `/fresh-wasm/${start}`,
      start,
    })),
  });
  for (let round = 0; round < 3; round++) {
    assert.equal((await host.get("/fresh-wasm/run")).status, 311);
    assert.equal((await host.get("/fresh-wasm/grow")).status, 204);
    assert.equal((await host.get("/fresh-wasm/swap")).status, 202);
    assert.equal((await host.get("/fresh-wasm/direct")).status, 201);
  }
});

test("state: shared keeps what a call leaves", async () => {
  await host.deploy({
    name: "shared-wasm",
    wat: COUNTER,
    settings: { state: "shared", start: "run" },
  });
  assert.equal((await host.get("/shared-wasm")).status, 311);
  assert.equal((await host.get("/shared-wasm")).status, 322);
});

const BOMBS: Readonly<
  Record<string, { readonly js?: string; readonly wat?: string; readonly codes: readonly string[] }>
> = {
  "an endless loop in JavaScript": { js: "function run() { for (;;); }", codes: ["MOC_LIMIT_CPU"] },
  "an endless loop in wasm": {
    wat: `(module (func (export "run") (loop $l (br $l))))`,
    codes: ["MOC_LIMIT_CPU"],
  },
  "an endless loop in a start function": {
    wat: `(module (func $s (loop $l (br $l))) (start $s) (func (export "run")))`,
    codes: ["MOC_LIMIT_CPU"],
  },
  "an endless loop at the top of a script": {
    js: "for (;;); function run() {}",
    codes: ["MOC_LIMIT_CPU"],
  },
  "a promise that never settles": {
    js: "export async function run() { await new Promise(() => {}); } export default { fetch: run };",
    codes: ["MOC_LIMIT_TIME", "MOC_GUEST_ERROR"],
  },
  "arrays without end": {
    js: "function run() { var a = []; for (;;) a.push([1, 2, 3]); }",
    codes: ["MOC_LIMIT_MEMORY", "MOC_GUEST_ERROR"],
  },
  "strings without end": {
    js: "function run() { var s = 'x'; for (;;) s += s; }",
    codes: ["MOC_LIMIT_MEMORY", "MOC_GUEST_ERROR"],
  },
  "array buffers without end": {
    js: "function run() { var a = []; for (;;) a.push(new ArrayBuffer(1e6)); }",
    codes: ["MOC_LIMIT_MEMORY", "MOC_GUEST_ERROR"],
  },
  "recursion in JavaScript": {
    js: "function run() { return run() + 1; }",
    codes: ["MOC_LIMIT_STACK", "MOC_GUEST_ERROR"],
  },
  "recursion in wasm": {
    wat: `(module (func $r (export "run") (result i32) (i32.add (call $r) (i32.const 1))))`,
    codes: ["MOC_LIMIT_STACK"],
  },
  "deeply nested JSON": {
    js: "function run() { JSON.parse('['.repeat(1e6)); }",
    codes: ["MOC_LIMIT_STACK", "MOC_GUEST_ERROR"],
  },
  "memory that may not grow": {
    wat: `(module (memory 1) (func (export "run") (loop $l (if (i32.eq (memory.grow (i32.const 64)) (i32.const -1)) (then unreachable)) (br $l))))`,
    codes: ["MOC_LIMIT_MEMORY", "MOC_GUEST_TRAP"],
  },
  "buffers without end": {
    js: "function run() { var moc = requireApi('core'); for (;;) { if (moc.createExchangeBuffer() === undefined) throw new Error('no more'); } }",
    codes: ["MOC_LIMIT_BUFFERS", "MOC_GUEST_ERROR"],
  },
  "a trap": { wat: `(module (func (export "run") unreachable))`, codes: ["MOC_GUEST_TRAP"] },
  "an uncaught error": {
    js: "function run() { throw new Error('no'); }",
    codes: ["MOC_GUEST_ERROR"],
  },
  "a start function that is missing": { js: "function other() {}", codes: ["MOC_GUEST_NO_START"] },
  "a script that does not parse": { js: "function run( {", codes: ["MOC_GUEST_INVALID"] },
  "an import that nobody has": {
    wat: `(module (import "nobody" "nothing" (func)) (func (export "run")))`,
    codes: ["MOC_GUEST_LINK"],
  },
};

for (const [name, bomb] of Object.entries(BOMBS)) {
  test(`${name} ends its own call with a code, and others go on`, async () => {
    const { codes, ...code } = bomb;
    const limits = codes.includes("MOC_LIMIT_CPU")
      ? LOOPS
      : codes.includes("MOC_LIMIT_TIME")
        ? WAITS
        : PATIENT;
    await host.deploy({
      name: "bomb",
      ...code,
      settings: { ...limits, start: "run" },
    });
    const [answer, other] = await Promise.all([host.get("/bomb"), host.get("/hello")]);
    assert.ok(answer.status >= 400, `status ${answer.status}: ${answer.text}`);
    assert.ok(codes.includes(answer.json.code ?? ""), answer.text);
    assert.ok((answer.json.message ?? "").length > 1, "the message says what happened");
    assert.equal(other.text, "hello");
    assert.equal((await host.get("/hello")).text, "hello");
  });
}

const hostile = (call: string) => `(module
  (import "core" "read_exchange_buffer" (func $read (param i32 i32 i32) (result i32)))
  (import "core" "write_exchange_buffer" (func $write (param i32 i32 i32) (result i32)))
  (import "core" "persistence_set" (func $set (param i32 i32 i32 i32) (result i32)))
  (import "core" "free_buffer" (func $free (param i32) (result i32)))
  (import "core" "get_time" (func $time (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "run") (result i32)
    (if (result i32) (i32.eq ${call} (i32.const 0xffff)) (then (i32.const 230)) (else (i32.const 231)))))`;

const HOSTILE_CALLS: Readonly<Record<string, string>> = {
  "a pointer out of range": "(call $write (i32.const 2) (i32.const 0x7fffffff) (i32.const 8))",
  "a length of 2^32-1": "(call $write (i32.const 2) (i32.const 0) (i32.const -1))",
  "pointer and length that overflow":
    "(call $set (i32.const -1) (i32.const -1) (i32.const -8) (i32.const 16))",
  "a buffer id that was never given": "(call $read (i32.const 424242) (i32.const 0) (i32.const 0))",
  "a negative buffer id": "(call $read (i32.const -1) (i32.const 0) (i32.const 0))",
  "a destination that is too small": "(call $time (i32.const 65535) (i32.const 8))",
};

for (const [name, call] of Object.entries(HOSTILE_CALLS)) {
  test(`hostile argument: ${name} answers a failure, and the guest goes on`, async () => {
    await host.deploy({ name: "hostile", wat: hostile(call), settings: { start: "run" } });
    const answer = await host.get("/hostile");
    assert.equal(answer.status, 230, answer.text);
  });
}

test("calls between functions are as deep as the limit and no deeper", async () => {
  await host.deploy({
    name: "deep",
    js: `function run() {
      var moc = requireApi("core");
      return moc.callFunction("deep", "run", [], "direct", moc.getInputBufferId(), moc.getOutputBufferId(), "", []);
    }`,
    settings: { start: "run", limits: { callDepth: 5 } },
  });
  const answer = await host.get("/deep");
  assert.ok(answer.status >= 400, answer.text);
  const depths = host.runtime.logs.list({ function: "deep", limit: 100 });
  assert.ok(
    depths.some((line) => line.text.includes("MOC_LIMIT_DEPTH")),
    JSON.stringify(depths),
  );
});

test("a new version answers the next request, and no request fails meanwhile", async () => {
  const version = (n: number) => ({
    name: "moving",
    js: `function run() { var moc = requireApi("core"); moc.writeExchangeBuffer(moc.getOutputBufferId(), "v${n}"); return 200; }`,
    settings: { start: "run" },
  });
  await host.deploy(version(0));
  let running = true;
  const failures: string[] = [];
  const client = (async () => {
    while (running) {
      const answer = await host.get("/moving");
      if (answer.status !== 200 || !/^v\d+$/.test(answer.text)) failures.push(answer.text);
    }
  })();
  for (let n = 1; n <= 8; n++) {
    await host.deploy(version(n));
    assert.equal((await host.get("/moving")).text, `v${n}`);
  }
  running = false;
  await client;
  assert.deepEqual(failures, []);
});

test("a filter may refuse, change the request, and set headers of the answer", async () => {
  await host.deploy({
    name: "gate",
    js: `var moc = requireApi("core");
      function filter() {
        var headers = moc.readExchangeBufferHeaders(moc.getInputBufferId());
        if (headers["x-refuse"]) {
          moc.writeExchangeBufferStatusCode(moc.getOutputBufferId(), 403);
          moc.writeExchangeBuffer(moc.getOutputBufferId(), "refused");
          return;
        }
        moc.writeExchangeBufferHeader(moc.getInputBufferId(), "x-user", "ada");
        moc.writeExchangeBufferHeader(moc.getOutputBufferId(), "x-gate", "open");
      }`,
    plugs: [],
    filters: [{ start: "filter" }],
  });
  await host.deploy({
    name: "whoami",
    js: "export default { fetch: (request) => new Response(request.headers.get('x-user')) };",
  });
  const open = await host.get("/whoami");
  assert.equal(open.text, "ada");
  assert.equal(open.headers["x-gate"], "open");
  const refused = await host.get("/whoami", { headers: { "x-refuse": "1" } });
  assert.equal(refused.status, 403);
  assert.equal(refused.text, "refused");
  await host.deploy({ name: "gate", js: "function filter() {}", plugs: [] });
});

const exiting = (code: number, said: string) => `(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\${said.length.toString(16).padStart(2, "0")}\\00\\00\\00")
  (data (i32.const 16) "${said}")
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $exit (i32.const ${code}))))`;

test("an exit code is no http status; a program that fails silently is an error", async () => {
  await host.deploy({ name: "exit-200", wat: exiting(200, "said") });
  assert.equal((await host.get("/exit-200")).text, "said");
  await host.deploy({ name: "exit-9", wat: exiting(9, "said") });
  assert.equal((await host.get("/exit-9")).status, 200);
  await host.deploy({ name: "exit-silent", wat: exiting(3, "") });
  const silent = await host.get("/exit-silent");
  assert.equal(silent.status, 500);
  assert.equal(silent.json.code, "MOC_GUEST_EXIT");
  assert.match(silent.json.message ?? "", /exit code 3/);
});

test("a restart finds everything that was there", async () => {
  await host.deploy({
    name: "keeper",
    js: `export default { async fetch(request, env) {
      if (request.method === "POST") { await env.kv.put("kept", await request.text()); return new Response("stored"); }
      return new Response(await env.kv.get("kept", { type: "text" }));
    } };`,
    plugs: [{ path: "/keeper" }, { method: "post", path: "/keeper" }],
  });
  assert.equal((await host.get("/keeper", { method: "POST", body: "still here" })).text, "stored");
  await host.restart();
  assert.equal((await host.get("/keeper")).text, "still here");
  assert.equal((await host.get("/hello")).text, "hello");
});
