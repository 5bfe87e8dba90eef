import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestRuntime, type TestRuntime } from "./runtime.fixture.ts";

/** Writes one byte and ends with exit code 0. */
const PROGRAM = `(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\08\\00\\00\\00\\01\\00\\00\\00!")
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))`;

const FAILING = `(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (call $exit (i32.const 3))))`;

const READER = `export default { async fetch(request) {
  let length = 0;
  for await (const part of request.body ?? []) length += part.length;
  return new Response(String(length));
} };`;

const REFUSING = `function refuse() {
  const core = requireApi("core");
  core.writeExchangeBuffer(core.getOutputBufferId(), "no");
  return 0;
}`;

let host: TestRuntime;
before(async () => {
  host = await startTestRuntime();
});
after(() => host[Symbol.asyncDispose]());

/** Answer and report of one request. */
async function ask(...request: Parameters<TestRuntime["get"]>) {
  const events = host.runtime.state.events.subscribe({ kinds: new Set(["call"]) });
  const answer = await host.get(...request);
  for await (const event of events) {
    if (event.kind === "call") return { answer, report: event.report };
  }
  throw new Error("the runtime stopped");
}

test("a program behind a URL is reported with the status that its client got", async () => {
  await host.deploy({ name: "program", wat: PROGRAM, settings: { mode: "posix" } });
  const { answer, report } = await ask("/program");
  assert.deepEqual([answer.status, answer.text], [200, "!"]);
  assert.deepEqual([report.status, report.result], [200, 0]);
});

test("a program that failed has no status, but its error and its exit code", async () => {
  await host.deploy({ name: "fails", wat: FAILING, settings: { mode: "posix" } });
  const { status, result, error } = (await ask("/fails")).report;
  assert.deepEqual([status, result, error?.code], [undefined, 3, "MOC_GUEST_EXIT"]);
});

test("what was read of a streamed body is counted", async () => {
  const plugs = [{ method: "post", path: "/reader" }];
  await host.deploy({ name: "reader", js: READER, plugs });
  const chunked = { "transfer-encoding": "chunked" };
  const body = "x".repeat(300_000);
  for (const headers of [chunked, {}]) {
    const { answer, report } = await ask("/reader", { method: "POST", body, headers });
    assert.equal(answer.text, "300000");
    assert.equal(report.bytesIn, 300_000);
  }
});

test("a filter that answers is reported with the status of its answer", async () => {
  const filters = [{ start: "refuse" }];
  await host.deploy({ name: "refuses", js: REFUSING, plugs: [], filters });
  const { answer, report } = await ask("/program");
  assert.deepEqual([answer.status, answer.text], [200, "no"]);
  assert.deepEqual([report.function, report.trigger, report.status], ["refuses", "filter", 200]);
});
