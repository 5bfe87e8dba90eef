import assert from "node:assert/strict";
import { after, test } from "node:test";
import { decode } from "fast-png";
import { gpuOperations } from "../../gpu/gpu-operations.ts";
import { bytesOf, floatsIn, openTestGpu, SQUARES } from "../../gpu/testing.ts";
import { encodePng } from "../../guest-api/gpu/png-encoder.ts";
import { makeTestContext, type TestContextOptions } from "../../guest-api/testing.ts";
import { MocError } from "../../protocol/errors.ts";
import type { GpuReport } from "../../protocol/gpu.ts";
import { resolveLimits } from "../../protocol/limits.ts";
import type { ShaderDeclaration } from "./declaration.ts";
import { createShaderEngine } from "./engine.ts";

const { host, skip } = await openTestGpu();
after(() => host.close());
const operations = gpuOperations(host);
/** Between threads inputs are copies. */
const gpu = (name: string, argument: unknown, inputs: readonly (readonly Uint8Array[])[]) =>
  operations(name, argument, structuredClone(inputs));
const engine = createShaderEngine();

const json = { "content-type": "application/json" };
const ENTRY = {
  startFunction: "",
  mode: undefined,
  arguments: [],
  posixFileName: "",
  posixArguments: [],
};

interface Options extends TestContextOptions {
  readonly shader?: ShaderDeclaration;
  readonly contentType?: string;
  readonly start?: string;
}

async function call(text: string, options: Options = {}) {
  const loaded = await engine.load(
    {
      name: "test",
      techID: "0".repeat(64),
      contentType: options.contentType ?? "text/wgsl",
      bytes: new TextEncoder().encode(text),
      settings: options.shader ? { shader: options.shader } : {},
      limits: resolveLimits(),
    },
    { modules: [], resolveModule: async () => undefined, log: () => {} },
  );
  const context = makeTestContext({ ...options, host: { gpu } });
  const outcome = await loaded.run(context, { ...ENTRY, startFunction: options.start ?? "" });
  assert.equal(outcome.result, 200);
  return context;
}

const outputType = (context: Awaited<ReturnType<typeof call>>) =>
  context.buffers.get(context.output).headers.get("content-type");

const fails = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof MocError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
};

test("an array is squared in place: bytes in, bytes out, nothing declared", { skip }, async () => {
  const numbers = Float32Array.from({ length: 1000 }, (_, i) => i / 8);
  const context = await call(SQUARES.text, { input: bytesOf(numbers) });
  assert.equal(outputType(context), "application/octet-stream");
  assert.deepEqual(
    floatsIn(context.outputBytes()),
    numbers.map((one) => Math.fround(one * one)),
  );
  const [report] = context.gpuReports as [GpuReport];
  assert.deepEqual(report.results, [{ name: "data", kind: "buffer", bytes: 4000, format: "f32" }]);
  assert.ok(report.timings.dispatch > 0);
});

test("JSON numbers in, JSON numbers out when asked for", { skip }, async () => {
  const headers = { ...json, accept: "application/json" };
  const context = await call(SQUARES.text, { input: "[1, 2.5, -3]", headers });
  assert.equal(outputType(context), "application/json");
  assert.deepEqual(JSON.parse(context.outputText()), [1, 6.25, 9]);
});

const SCALE = `
struct Settings { factor: f32, offset: vec2f, times: u32, _gap: u32 }
@group(0) @binding(0) var<uniform> settings: Settings;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> scaled: array<f32>;
@compute @workgroup_size(32) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= arrayLength(&scaled)) { return; }
  scaled[id.x] = values[id.x] * settings.factor * f32(settings.times) + settings.offset.x - settings.offset.y;
}`;

test("uniforms come from query, path, JSON and defaults", { skip }, async () => {
  const headers = {
    ...json,
    accept: "application/json",
    "x-moc-url-query": "factor=2&offset=10,4",
    "x-moc-path-param-times": "3",
  };
  const context = await call(SCALE, { input: '{"values": [1, 2]}', headers });
  assert.deepEqual(JSON.parse(context.outputText()), [12, 18]);

  const fromJson = '{"values": [1], "factor": 0.5, "offset": [0, 1]}';
  const shader = { parameters: { times: { default: "values.length + 1", min: 1, max: 10 } } };
  const declared = await call(SCALE, {
    input: fromJson,
    headers: { ...json, accept: "application/json" },
    shader,
  });
  assert.deepEqual(JSON.parse(declared.outputText()), [0]);

  await assert.rejects(
    call(SCALE, { input: fromJson, headers: json }),
    fails("MOC_BAD_REQUEST", /parameter 'times' is missing/),
  );
  const tooMany = { ...json, "x-moc-url-query": "times=11" };
  await assert.rejects(
    call(SCALE, { input: fromJson, headers: tooMany, shader }),
    fails("MOC_BAD_REQUEST", /'times' must be a number from 1 to 10/),
  );
  const word = { ...json, "x-moc-url-query": "times=many" };
  await assert.rejects(
    call(SCALE, { input: fromJson, headers: word }),
    fails("MOC_BAD_REQUEST", /'times' must be a number/),
  );
});

const GRADIENT = `
// moc: { "parameters": { "width": 300, "height": 2 } }
@group(0) @binding(0) var image: texture_storage_2d<rgba32float, write>;
@compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = textureDimensions(image);
  textureStore(image, id.xy, vec4f(f32(id.x) / f32(size.x - 1u), f32(id.y), 2.0, 1.0));
}`;

test("a storage texture becomes a PNG of the declared size, one invocation a pixel", {
  skip,
}, async () => {
  const context = await call(GRADIENT, { headers: { "x-moc-url-query": "height=3" } });
  assert.equal(outputType(context), "image/png");
  const { width, height, channels, data } = decode(context.outputBytes());
  assert.deepEqual([width, height, channels], [300, 3, 3]);
  const pixel = (x: number, y: number) => [...data.slice((y * 300 + x) * 3, (y * 300 + x) * 3 + 3)];
  assert.deepEqual(pixel(0, 0), [0, 0, 255]);
  assert.deepEqual(pixel(299, 1), [255, 255, 255]);
  assert.deepEqual(pixel(0, 2), [0, 255, 255]);

  const raw = await call(GRADIENT, { headers: { accept: "application/octet-stream" } });
  assert.equal(raw.outputBytes().length, 300 * 2 * 16);
});

test("a picture goes in as a texture and comes out changed", { skip }, async () => {
  const invert = `
    @group(0) @binding(0) var picture: texture_2d<f32>;
    @group(0) @binding(1) var smooth_sampler: sampler;
    @group(0) @binding(2) var inverted: texture_storage_2d<rgba8unorm, write>;
    @compute @workgroup_size(16, 16) fn main(@builtin(global_invocation_id) id: vec3u) {
      let size = vec2f(textureDimensions(picture));
      let colour = textureSampleLevel(picture, smooth_sampler, (vec2f(id.xy) + 0.5) / size, 0.0);
      textureStore(inverted, id.xy, vec4f(1.0 - colour.rgb, colour.a));
    }`;
  const rgb = Uint8Array.from({ length: 20 * 10 * 3 }, (_, i) => (i * 7) % 256);
  const context = await call(invert, { input: await encodePng(rgb, 20, 10, 3) });
  const { width, height, data } = decode(context.outputBytes());
  assert.deepEqual([width, height], [20, 10]);
  assert.deepEqual(
    [...data],
    [...rgb].map((one) => 255 - one),
  );
  await assert.rejects(
    call(invert, { input: "no picture" }),
    fails("MOC_SHADER_BINDING", /'picture' takes a picture/),
  );
});

test("two passes sum a million numbers without copying back between them", { skip }, async () => {
  const text = `
    @group(0) @binding(0) var<storage, read> numbers: array<f32>;
    @group(0) @binding(1) var<storage, read_write> partial: array<f32>;
    @group(0) @binding(2) var<storage, read_write> total: array<f32, 1>;
    var<workgroup> shared_sums: array<f32, 256>;
    fn reduce(own: f32, local: u32) -> f32 {
      shared_sums[local] = own;
      for (var step = 128u; step > 0u; step /= 2u) {
        workgroupBarrier();
        if (local < step) { shared_sums[local] += shared_sums[local + step]; }
      }
      workgroupBarrier();
      return shared_sums[0];
    }
    @compute @workgroup_size(256)
    fn sum_parts(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3u) {
      var own = 0.0;
      for (var i = id.x; i < arrayLength(&numbers); i += 256u * arrayLength(&partial)) { own += numbers[i]; }
      let sum = reduce(own, local);
      if (local == 0u) { partial[group.x] = sum; }
    }
    @compute @workgroup_size(256)
    fn sum_all(@builtin(local_invocation_index) local: u32) {
      var own = 0.0;
      for (var i = local; i < arrayLength(&partial); i += 256u) { own += partial[i]; }
      let sum = reduce(own, local);
      if (local == 0u) { total[0] = sum; }
    }`;
  const shader: ShaderDeclaration = {
    bindings: { partial: { from: "zero", length: "min(64, ceil(numbers.length / 256))" } },
    passes: [
      { entry: "sum_parts", workgroups: ["partial.length"] },
      { entry: "sum_all", workgroups: [1] },
    ],
    result: { binding: "total", as: "json" },
  };
  const numbers = Float32Array.from({ length: 1_000_000 }, (_, i) => (i % 1000) / 1000);
  const context = await call(text, { input: bytesOf(numbers), shader });
  const [sum] = JSON.parse(context.outputText());
  const exact = numbers.reduce((a, b) => a + b, 0);
  // 32 bit floats, summed as a tree: the error stays far below one in a hundred thousand.
  assert.ok(Math.abs(sum - exact) / exact < 1e-5, `${sum} against ${exact}`);
});

const TUNED = `
override side: u32 = 8;
override gain: f32;
@group(0) @binding(0) var<storage, read_write> values: array<f32>;
@compute @workgroup_size(side) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&values)) { values[id.x] *= gain; }
}`;

test("overrides are parameters, also of the workgroup's size", { skip }, async () => {
  const ask = (query: string) => ({
    input: "[1, 2, 3, 4, 5, 6, 7, 8, 9]",
    headers: { ...json, accept: "application/json", "x-moc-url-query": query },
  });
  for (const [query, gain, size, groups] of [
    ["gain=2", 2, 8, 2],
    ["gain=-1&side=3", -1, 3, 3],
    ["gain=2&side=16", 2, 16, 1],
  ] as const) {
    const context = await call(TUNED, ask(query));
    const expected = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((one) => one * gain);
    assert.deepEqual(JSON.parse(context.outputText()), expected);
    const [report] = context.gpuReports as [GpuReport];
    assert.deepEqual(report.passes[0]?.workgroupSize, [size, 1, 1]);
    assert.deepEqual(report.passes[0]?.workgroups, [groups, 1, 1]);
  }
  await assert.rejects(call(TUNED, ask("")), fails("MOC_BAD_REQUEST", /'gain' as a number/));
  const huge = call(TUNED, ask("gain=1&side=100000"));
  await assert.rejects(huge, fails("MOC_SHADER_BINDING", /100000.*maxComputeWorkgroupSizeX/));
});

const RULE_30 = `
@group(0) @binding(0) var<storage, read> cells: array<u32>;
@group(0) @binding(1) var<storage, read_write> next_cells: array<u32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  let n = arrayLength(&cells);
  if (id.x >= n) { return; }
  let left = cells[(id.x + n - 1) % n];
  next_cells[id.x] = left ^ (cells[id.x] | cells[(id.x + 1) % n]);
}`;

test("a pass that is repeated reads what it wrote, without copying back between", {
  skip,
}, async () => {
  const pass = { entry: "main", repeat: "generations", swap: ["cells", "next_cells"] } as const;
  const shader = { parameters: { generations: { default: 1, min: 1 } }, passes: [pass] };
  let cells: number[] = Array.from({ length: 100 }, (_, i) => (i === 50 ? 1 : 0));
  const input = JSON.stringify(cells);
  for (let generation = 1; generation <= 8; generation++) {
    const at = (i: number) => cells[(i + cells.length) % cells.length] ?? 0;
    cells = cells.map((_, i) => at(i - 1) ^ (at(i) | at(i + 1)));
    const headers = {
      ...json,
      accept: "application/json",
      "x-moc-url-query": `generations=${generation}`,
    };
    const context = await call(RULE_30, { input, headers, shader });
    assert.deepEqual(JSON.parse(context.outputText()), cells, `generation ${generation}`);
    const [report] = context.gpuReports as [GpuReport];
    assert.equal(report.passes.length, 1);
  }
  const headers = { ...json, "x-moc-url-query": "generations=1001" };
  await assert.rejects(
    call(RULE_30, { input, headers, shader }),
    fails("MOC_BAD_REQUEST", /cannot run 1001 times \(generations\): .* 1 to 1000 passes/),
  );
  const wrong = { passes: [{ ...pass, repeat: 2, swap: ["cells", "view"] as const }] };
  await assert.rejects(
    call(RULE_30, { input, headers: json, shader: wrong }),
    fails("MOC_MANIFEST", /swapped/),
  );
});

test("the original's kind of GLSL shader runs as a function", { skip }, async () => {
  const text = `#version 310 es
layout(local_size_x = 8, local_size_y = 8) in;
layout(std430) buffer;
layout(binding = 0, rgba32f) writeonly uniform highp image2D uImage;
layout(binding = 1) readonly buffer Params { float red; float size; } parameters;
void main() {
  imageStore(uImage, ivec2(gl_GlobalInvocationID.xy), vec4(parameters.red, 0.0, 0.0, 1.0));
}`;
  const shader = { bindings: { uImage: { width: "size", height: "size" } } };
  const headers = { "x-moc-url-query": "red=0.5&size=20" };
  const context = await call(text, { contentType: "text/glsl", headers, shader });
  const { width, data } = decode(context.outputBytes());
  assert.equal(width, 20);
  assert.ok(data.every((one, i) => one === (i % 3 === 0 ? 127 : 0)));
});

test("what is wrong with a request or a declaration is named", { skip }, async () => {
  const cases: readonly [string, Options, string, RegExp][] = [
    [SQUARES.text, {}, "MOC_SHADER_BINDING", /'data' takes the body, which is empty/],
    [SQUARES.text, { input: "12345" }, "MOC_SHADER_BINDING", /elements of 4 bytes.*5 bytes/],
    [SQUARES.text, { input: "{", headers: json }, "MOC_BAD_REQUEST", /not JSON/],
    [SQUARES.text, { input: '["a"]', headers: json }, "MOC_BAD_REQUEST", /'data'.*a number/],
    [SQUARES.text, { start: "other" }, "MOC_MANIFEST", /no entry point 'other'; it has main/],
    [
      GRADIENT,
      { headers: { "x-moc-url-query": "width=8000&height=8000" } },
      "MOC_LIMIT_MEMORY",
      /memoryMiB/,
    ],
    [
      GRADIENT,
      { headers: { "x-moc-url-query": "width=0" } },
      "MOC_SHADER_BINDING",
      /'image' is 0 x 2/,
    ],
    ["fn main() {}", {}, "MOC_SHADER_INVALID", /no compute entry point/],
    ["// moc: { nonsense }\n", {}, "MOC_MANIFEST", /not valid JSON/],
  ];
  for (const [text, options, code, message] of cases) {
    await assert.rejects(call(text, options), fails(code, message));
  }
  const wrongField = { shader: { binding: {} } as ShaderDeclaration };
  await assert.rejects(call(SQUARES.text, wrongField), fails("MOC_MANIFEST", /no field 'binding'/));
  const wrongType = {
    shader: { bindings: { data: { length: true } } } as unknown as ShaderDeclaration,
  };
  await assert.rejects(
    call(SQUARES.text, wrongType),
    fails("MOC_MANIFEST", /bindings\.data\.length must be a number or a formula/),
  );
});
