/** The guest API module `gpu` from real guests, through the whole runtime. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openTestGpu } from "./gpu/testing.ts";
import { startTestRuntime, type TestRuntime } from "./runtime.fixture.ts";

const probe = await openTestGpu();
await probe.host.close();
const { skip } = probe;

const SQUARES = `@group(0) @binding(0) var<storage, read_write> numbers: array<f32>;
@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u) { numbers[id.x] *= numbers[id.x]; }`;

/** `B` stands where the id of the exchange buffer goes. */
const SPECIFICATION = JSON.stringify({
  shader_name: "squares",
  dispatch_size: [1, 1, 1],
  bindings: [{ target: "STORAGE", exchange_buffer_id: "B", is_in: true, is_out: true }],
}).replace('"B"', "B");

let moc: TestRuntime;
before(async () => {
  moc = await startTestRuntime();
  const { state } = moc.runtime;
  const { techID } = await state.blobs.register("text/wgsl", Buffer.from(SQUARES));
  await state.names.set("squares", techID);
});
after(() => moc[Symbol.asyncDispose]());

async function floatsOf(path: string): Promise<readonly number[]> {
  const response = await fetch(moc.http + path);
  const bytes = await response.arrayBuffer();
  assert.equal(response.status, 200, Buffer.from(bytes).toString());
  return [...new Float32Array(bytes)];
}

test("wasm computes by the original's specification", { skip }, async () => {
  const at = SPECIFICATION.indexOf("B,");
  const text = SPECIFICATION.replaceAll('"', '\\"');
  await moc.deploy({
    name: "from-wasm",
    settings: { start: "run" },
    wat: `(module
      (import "core" "get_output_buffer_id" (func $output (result i32)))
      (import "core" "create_exchange_buffer" (func $create (result i32)))
      (import "core" "write_exchange_buffer" (func $write (param i32 i32 i32) (result i32)))
      (import "core" "read_exchange_buffer" (func $read (param i32 i32 i32) (result i32)))
      (import "gpu" "compute_shader" (func $compute (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "${text}")
      (func (export "run") (result i32) (local $buffer i32)
        (f32.store (i32.const 1024) (f32.const 1.5))
        (f32.store (i32.const 1028) (f32.const -2))
        (f32.store (i32.const 1032) (f32.const 3))
        (f32.store (i32.const 1036) (f32.const 16))
        (local.set $buffer (call $create))
        (drop (call $write (local.get $buffer) (i32.const 1024) (i32.const 16)))
        (i32.store8 (i32.const ${at}) (i32.add (i32.const 48) (local.get $buffer)))
        (if (call $compute (i32.const 0) (i32.const ${SPECIFICATION.length})) (then unreachable))
        (drop (call $read (local.get $buffer) (i32.const 2048) (i32.const 16)))
        (drop (call $write (call $output) (i32.const 2048) (i32.const 16)))
        (i32.const 200)))`,
  });
  assert.deepEqual(await floatsOf("/from-wasm"), [2.25, 4, 9, 256]);
});

test("a script of the original's kind computes, and waits as if it were nothing", {
  skip,
}, async () => {
  await moc.deploy({
    name: "from-script",
    settings: { start: "run" },
    js: `const moc = requireApi("core");
      const gpu = requireApi("gpu");
      function run() {
        const buffer = moc.createExchangeBuffer();
        moc.writeExchangeBuffer(buffer, new Float32Array([0.5, 4]));
        gpu.computeShader(${JSON.stringify(SPECIFICATION)}.replace("B,", buffer + ","));
        moc.writeExchangeBuffer(moc.getOutputBufferId(), moc.readExchangeBuffer(buffer));
        return 200;
      }`,
  });
  assert.deepEqual(await floatsOf("/from-script"), [0.25, 16]);
});

test("a specification that is wrong is the guest's error, with a message that names it", {
  skip,
}, async () => {
  await moc.deploy({
    name: "wrong",
    js: `export default { async fetch(request, env) {
      await env.api("gpu").computeShader(JSON.stringify({ shader_name: "nothere", dispatch_size: [1], bindings: [] }));
    } };`,
  });
  const { status, text } = await moc.get("/wrong");
  assert.ok(status >= 400, text);
  assert.match(text, /no shader is registered as 'nothere'/);
});

test("a long body is computed on, with its length or in chunks; a wrong one costs no connection", {
  skip,
}, async () => {
  const { state } = moc.runtime;
  const shader = SQUARES.replace(
    "numbers[id.x] *=",
    "if (id.x < arrayLength(&numbers)) { numbers[id.x] *=",
  ).replace("; }", "; } }");
  const { techID } = await state.blobs.register("text/wgsl", Buffer.from(shader));
  await state.names.set("long", techID);
  const place = { method: "post", host: "", path: "/long", start_function: "", data: "", tags: {} };
  await state.plugs.plug({ type: "function", name: "long", ...place });
  const numbers = Float32Array.from({ length: 100_000 }, (_, i) => i / 7);
  const squares = numbers.map((one) => Math.fround(one * one));
  const post = (body: Uint8Array<ArrayBuffer> | ReadableStream) =>
    fetch(`${moc.http}/long`, { method: "POST", body, duplex: "half" } as RequestInit);
  const bytes = new Uint8Array(numbers.buffer);
  for (const body of [bytes, new Blob([bytes]).stream()]) {
    const answer = await post(body);
    assert.equal(answer.status, 200);
    assert.deepEqual(new Float32Array(await answer.arrayBuffer()), squares);
  }
  const odd = await post(bytes.slice(0, 399_999));
  assert.equal(odd.status, 400);
  assert.match(await odd.text(), /elements of 4 bytes, but the body has 399999/);
  assert.equal((await post(bytes)).status, 200);
});
