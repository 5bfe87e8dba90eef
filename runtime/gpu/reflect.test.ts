import assert from "node:assert/strict";
import { test } from "node:test";
import { MocError } from "../protocol/errors.ts";
import { translateGlsl } from "./glsl.ts";
import { reflectShader } from "./reflect.ts";
import { glsl, wgsl } from "./testing.ts";

test("constants give workgroup sizes and array lengths", () => {
  const source = wgsl(`
    const SIZE = 32u;
    @group(1) @binding(2) var<storage, read_write> values: array<vec4f, SIZE>;
    @compute @workgroup_size(SIZE, 2) fn main() { values[0] = vec4f(1); }`);
  const { entries, bindings } = reflectShader(source.text, source);
  const [entry] = entries;
  assert.deepEqual([entry?.name, entry?.workgroupSize], ["main", [32, 2, 1]]);
  assert.deepEqual(entry?.bindings, ["values"]);
  assert.deepEqual(bindings, [
    {
      name: "values",
      group: 1,
      binding: 2,
      kind: "storage",
      access: "read_write",
      type: {
        kind: "array",
        element: { kind: "vector", scalar: "f32", length: 4, size: 16 },
        count: 32,
        stride: 16,
        size: 512,
      },
    },
  ]);
});

test("overrides have their keys, and those of the workgroup's size are known", () => {
  const source = wgsl(`
    override side: u32 = 8;
    @id(7) override gain: f32;
    @group(0) @binding(0) var<storage, read_write> values: array<f32>;
    @compute @workgroup_size(side, 2) fn main() { values[0] = gain; }
    @compute @workgroup_size(1) fn other() { values[0] = 1; }`);
  const [main, other] = reflectShader(source.text, source).entries;
  assert.deepEqual(main?.overrides, [
    { name: "side", key: "side", required: false },
    { name: "gain", key: "7", required: true },
  ]);
  assert.deepEqual(main?.sizeKeys.slice(0, 2), ["side", undefined]);
  assert.deepEqual(main?.workgroupSize, [8, 2, 1]);
  assert.deepEqual(other?.overrides, []);
});

test("GLSL bindings keep the user's names and their readonly", async () => {
  const source = glsl(`#version 310 es
    layout(local_size_x = 4) in;
    layout(std430, binding = 0) readonly buffer Source { float values[]; } data1;
    layout(std430, binding = 1) buffer Sum { float total; };
    void main() { total = data1.values[0]; }`);
  const translation = await translateGlsl(source);
  assert.ok("wgsl" in translation);
  const { bindings } = reflectShader(translation.wgsl, source);
  const seen = bindings.map((one) => [one.name, "access" in one && one.access]);
  assert.deepEqual(seen, [
    ["data1", "read"],
    ["Sum", "read_write"],
  ]);
});

test("a binding that cannot be exchanged is named with its place", () => {
  const source = wgsl(`
@group(0) @binding(0) var<storage> flags: array<bool>;
@compute @workgroup_size(1) fn main() { _ = flags[0]; }`);
  assert.throws(
    () => reflectShader(source.text, source),
    (error) => {
      assert.ok(error instanceof MocError);
      assert.deepEqual(error.position, { file: "test.wgsl", line: 2, column: 36 });
      assert.match(error.message, /binding 'flags' cannot be used: .*'bool'/);
      return true;
    },
  );
});

test("a text without an entry point says so", () => {
  const source = wgsl("fn helper() {}");
  assert.throws(() => reflectShader(source.text, source), {
    code: "MOC_SHADER_INVALID",
    message: /no compute entry point/,
  });
});
