import assert from "node:assert/strict";
import { after, test } from "node:test";
import { checkInThread } from "./check-in-thread.ts";
import { GpuHost } from "./gpu-host.ts";
import { glsl, SQUARES, wgsl } from "./testing.ts";

const host = new GpuHost({ adapter: "none" });
after(() => host.close());

test("without an adapter a right shader has its shape, and a note says what was not done", async () => {
  const { problems, shape, compiledBy, note } = await host.check(SQUARES);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    shape?.bindings.map((one) => one.name),
    ["data"],
  );
  assert.equal(compiledBy, undefined);
  assert.match(note ?? "", /not compiled for a GPU: .*'none'/);
});

test("without an adapter errors of syntax and types have their place, in WGSL and in GLSL", async () => {
  const syntax = await checkInThread(
    wgsl("@compute @workgroup_size(1)\nfn main() {\n  lt x = 1;\n}"),
  );
  assert.deepEqual([syntax.problems[0]?.line, syntax.problems[0]?.severity], [3, "error"]);
  const types = await checkInThread(
    wgsl("@compute @workgroup_size(1)\nfn main() {\n  let y = 1.5 + 1u;\n}"),
  );
  assert.equal(types.problems[0]?.line, 3);
  const translated = await checkInThread(
    glsl("#version 310 es\nvoid main() {\n  nothere = 1;\n}\n"),
  );
  assert.deepEqual([translated.problems[0]?.line, translated.problems[0]?.column], [3, 3]);
});

test("extensions that only the device's compiler knows are no errors", async () => {
  const text =
    "enable subgroups;\n@group(0) @binding(0) var<storage, read_write> v: array<u32>;\n@compute @workgroup_size(1) fn main(@builtin(subgroup_size) n: u32) { v[0] = n; }";
  const { problems, shape } = await checkInThread(wgsl(text));
  assert.deepEqual(
    problems.map((one) => one.severity),
    ["warning"],
  );
  assert.equal(shape?.entries.length, 1);
});

test("a text that no compiler gets through is an error, not a crash", async () => {
  const deep = wgsl(`const x = ${"(".repeat(200_000)}1${")".repeat(200_000)};`);
  const found = await checkInThread(deep).catch((error: Error) => error);
  if (found instanceof Error) assert.match(found.message, /the check/);
  else assert.ok(found.problems.length > 0);
});
