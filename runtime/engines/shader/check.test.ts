import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { checkWithoutDevice } from "../../gpu/check-without-device.ts";
import { checkDeclaration } from "./check.ts";

async function check(text: string, declaration?: unknown, starts: readonly string[] = [""]) {
  const source = { name: "test.wgsl", language: "wgsl", text } as const;
  const { shape, problems } = await checkWithoutDevice(source);
  assert.ok(shape, JSON.stringify(problems));
  return checkDeclaration({ source, declaration, starts }, shape);
}

const PICTURE = `struct View { zoom: f32 }
@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var picture: texture_storage_2d<rgba32float, write>;
@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  textureStore(picture, id.xy, vec4f(view.zoom));
}
`;
const ARRAYS = `@group(0) @binding(0) var<storage, read_write> a: array<f32>;
@group(0) @binding(1) var<storage, read_write> b: array<f32>;
@compute @workgroup_size(8) fn one() { a[0] = b[0]; }
@compute @workgroup_size(8) fn two() { b[0] = a[0]; }
`;

test("a declaration that fits has no problems", async () => {
  const declaration = {
    parameters: { width: 10, height: "width / 2", zoom: { default: 1, min: 0 } },
    bindings: { picture: { width: "width", height: "ceil(height)" } },
    workgroups: { over: "picture" },
    result: { binding: "picture", as: "png" },
  };
  assert.deepEqual(await check(PICTURE, declaration), []);
});

test("names that the shader does not have are found at their field", async () => {
  const declaration = {
    entry: "mian",
    parameters: { zom: 1 },
    bindings: { pictrue: { width: "view.depth" } },
    passes: [{ entry: "main", workgroups: { over: "nothing" } }],
    result: { binding: "image", width: "1 +" },
  };
  const found = await check(PICTURE, declaration);
  assert.deepEqual(
    found.map(({ declaration: path, severity }) => [path?.join("."), severity]),
    [
      ["bindings.pictrue", "error"],
      ["bindings.pictrue.width", "error"],
      ["entry", "error"],
      ["passes.0.workgroups.over", "error"],
      ["result.binding", "error"],
      ["result.width", "error"],
      ["parameters.zom", "warning"],
    ],
  );
  assert.match(found[0]?.message ?? "", /no binding 'pictrue'; it has view, picture/);
  assert.match(found.at(-1)?.message ?? "", /nothing takes the parameter 'zom'; .* zoom/);
});

test("a field of the wrong form is found, beside the shader and in its comments", async () => {
  const [beside] = await check(PICTURE, { bindings: { picture: { from: "sky" } } });
  assert.deepEqual(beside?.declaration, ["bindings", "picture", "from"]);
  const comment = `// A picture.\n// moc: { "parameters": { "width": 1 },\n//   "bindings": { "pictrue": {} } }\n${PICTURE}`;
  const [inside] = await check(comment);
  assert.deepEqual([inside?.line, inside?.column, inside?.declaration], [3, 20, undefined]);
  const [broken] = await check(`// moc: { "parameters": }\n${PICTURE}`);
  assert.equal(broken?.line, 1);
  assert.match(broken?.message ?? "", /not valid JSON/);
});

test("what would fail in every call is found, but only in what is called", async () => {
  const [ambiguous] = await check(ARRAYS);
  assert.match(ambiguous?.message ?? "", /entry points one, two: declare which/);
  const lengths = await check(ARRAYS, undefined, ["one"]);
  assert.deepEqual(
    lengths.map(({ line, column, message }) => [line, column, message.slice(-17)]),
    [
      [1, 48, "bindings.a.length"],
      [2, 48, "bindings.b.length"],
    ],
  );
  assert.deepEqual(await check(ARRAYS, undefined, []), []);
  const [start] = await check(ARRAYS, undefined, ["three"]);
  assert.match(start?.message ?? "", /no entry point 'three'; it has one, two/);
  const [format] = await check(PICTURE.replace("rgba32float", "rgba16float"));
  assert.deepEqual([format?.line, format?.column], [3, 27]);
  const silent = "@compute @workgroup_size(1) fn main() {}";
  assert.match((await check(silent))[0]?.message ?? "", /writes no buffer and no texture/);
});

test("the samples' own declarations have no problems", async () => {
  for (const name of ["matmul", "reduction", "image-filter", "mandelbrot-wgsl", "gpu-compute"]) {
    const folder = new URL(`../../../samples/${name}/`, import.meta.url);
    const manifest = JSON.parse(await readFile(new URL("moc.json", folder), "utf8"));
    const text = await readFile(new URL(manifest.source, folder), "utf8");
    const starts = manifest.plugs.map((plug: { start?: string }) => plug.start ?? "");
    assert.deepEqual(await check(text, manifest.shader, starts), [], name);
  }
});
