import assert from "node:assert/strict";
import { test } from "node:test";
import type { ShaderType } from "../../protocol/gpu.ts";
import { pack, unpack } from "./values.ts";

const f32: ShaderType = { kind: "scalar", scalar: "f32", size: 4 };
const u32: ShaderType = { kind: "scalar", scalar: "u32", size: 4 };
const f16: ShaderType = { kind: "scalar", scalar: "f16", size: 2 };
const vec3: ShaderType = { kind: "vector", scalar: "f32", length: 3, size: 12 };
const mat: ShaderType = {
  kind: "matrix",
  scalar: "f32",
  columns: 2,
  rows: 3,
  stride: 16,
  size: 32,
};
const particles: ShaderType = {
  kind: "struct",
  size: 16,
  members: [
    { name: "count", offset: 0, type: u32 },
    { name: "places", offset: 16, type: { kind: "array", element: vec3, stride: 16, size: 0 } },
  ],
};

test("values survive the way to bytes and back", () => {
  const cases: readonly [ShaderType, unknown][] = [
    [f32, 1.5],
    [f16, 0.5],
    [vec3, [1, 2, 3]],
    [
      mat,
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    [{ kind: "array", element: u32, stride: 4, size: 0 }, [0, 4294967295]],
    [{ kind: "array", element: f32, stride: 16, size: 0 }, [1, 2]],
    [
      particles,
      {
        count: 2,
        places: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
    ],
  ];
  for (const [type, value] of cases) assert.deepEqual(unpack(type, pack(type, value, "x")), value);
});

test("the layout is WGSL's", () => {
  const bytes = pack(particles, { count: 1, places: [7, 8, 9] }, "x");
  assert.equal(bytes.length, 32);
  assert.deepEqual([...new Float32Array(bytes.buffer, 16, 3)], [7, 8, 9]);
  assert.deepEqual(
    [...new Float32Array(pack(mat, [1, 2, 3, 4, 5, 6], "x").buffer)],
    [1, 2, 3, 0, 4, 5, 6, 0],
  );
});

test("nested numbers are taken for a flat array", () => {
  const bytes = pack(
    { kind: "array", element: f32, stride: 4, size: 0 },
    [
      [1, 2],
      [3, 4],
    ],
    "x",
  );
  assert.deepEqual([...new Float32Array(bytes.buffer)], [1, 2, 3, 4]);
});

test("what does not fit is named with its place", () => {
  const refused = (type: ShaderType, value: unknown, message: RegExp) =>
    assert.throws(() => pack(type, value, "'x'"), { code: "MOC_BAD_REQUEST", message });
  refused(f32, "one", /'x' must be a number/);
  refused(vec3, [1, 2], /'x' must be 3 numbers, not 2/);
  refused(particles, { count: 1, places: [[1, 2]] }, /'x'\.places\[0\] must be 3 numbers/);
  refused(particles, { places: [[1, 2, 3]] }, /'x'\.count must be a number/);
  refused(
    { kind: "array", element: f32, count: 2, stride: 4, size: 8 },
    [1],
    /'x' must be 2 numbers/,
  );
});
