import assert from "node:assert/strict";
import { test } from "node:test";
import { translateGlsl } from "./glsl.ts";
import { reflectShader } from "./reflect.ts";
import { glsl, wgsl } from "./testing.ts";

test("constants give workgroup sizes and array lengths", () => {
  const source = wgsl(`
    const SIZE = 32u;
    @group(1) @binding(2) var<storage, read_write> values: array<vec4f, SIZE>;
    @compute @workgroup_size(SIZE, 2) fn main() { values[0] = vec4f(1); }`);
  const { entries, bindings } = reflectShader(source.text, source);
  assert.deepEqual(entries, [{ name: "main", workgroupSize: [32, 2, 1], bindings: ["values"] }]);
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

test("GLSL bindings keep the user's names and their readonly", async () => {
  const source = glsl(`#version 310 es
    layout(local_size_x = 4) in;
    layout(std430, binding = 0) readonly buffer Source { float values[]; } data1;
    layout(std430, binding = 1) buffer Sum { float total; };
    void main() { total = data1.values[0]; }`);
  const { bindings } = reflectShader(await translateGlsl(source), source);
  const seen = bindings.map((one) => [one.name, "access" in one && one.access]);
  assert.deepEqual(seen, [
    ["data1", "read"],
    ["Sum", "read_write"],
  ]);
});

test("a text without an entry point says so", () => {
  const source = wgsl("fn helper() {}");
  assert.throws(() => reflectShader(source.text, source), {
    code: "MOC_SHADER_INVALID",
    message: /no compute entry point/,
  });
});
