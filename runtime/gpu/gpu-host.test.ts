import assert from "node:assert/strict";
import { after, test } from "node:test";
import { MocError } from "../protocol/errors.ts";
import type { GpuJob } from "../protocol/gpu.ts";
import { GpuHost } from "./gpu-host.ts";
import { bytesOf, floatsIn, glsl, inPlaceJob, openTestGpu, SQUARES, wgsl } from "./testing.ts";

const { host, skip } = await openTestGpu();
after(() => host.close());

const code = (wanted: string) => (error: unknown) =>
  error instanceof MocError && error.code === wanted;

test("squares of floats are those of the processor, bit for bit", { skip }, async () => {
  for (const count of [1, 63, 1000, 2 ** 20]) {
    const numbers = Float32Array.from({ length: count }, (_, i) => (i % 4096) - 2048.5);
    const job = inPlaceJob(SQUARES, count * 4, Math.ceil(count / 64));
    const { buffers, report } = await host.compute(job, [bytesOf(numbers)]);
    assert.deepEqual(
      floatsIn(buffers[0]),
      numbers.map((one) => Math.fround(one * one)),
    );
    assert.equal(report.results[0]?.bytes, count * 4);
    assert.equal(report.results[0]?.format, "f32");
    assert.ok(report.timings.total >= report.timings.dispatch);
  }
});

test("a buffer without an input starts as zeros although buffers are used again", {
  skip,
}, async () => {
  const numbers = new Float32Array(1000).fill(7);
  await host.compute(inPlaceJob(SQUARES, 4000, 16), [bytesOf(numbers)]);
  const empty: GpuJob = {
    ...inPlaceJob(SQUARES, 4000, 16),
    resources: [{ kind: "buffer", name: "data", bytes: 4000, usage: "storage", output: true }],
  };
  const zeros = await host.compute(empty, []);
  assert.ok(floatsIn(zeros.buffers[0]).every((one) => one === 0));
  const short = await host.compute(inPlaceJob(SQUARES, 4000, 16), [bytesOf(numbers.slice(0, 10))]);
  const [first = 0, ...others] = floatsIn(short.buffers[0]).slice(9);
  assert.equal(first, 49);
  assert.ok(others.every((one) => one === 0));
});

test("several passes work on buffers that stay on the GPU", { skip }, async () => {
  const shader = wgsl(`
    @group(0) @binding(0) var<storage, read> source: array<u32>;
    @group(0) @binding(1) var<storage, read_write> to: array<u32>;
    @compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
      to[id.x] = source[id.x] * 3u + 1u;
    }`);
  const pass = (from: number, to: number) => ({
    shader: 0,
    workgroups: [1, 1, 1] as const,
    bindings: [
      { group: 0, binding: 0, resource: from },
      { group: 0, binding: 1, resource: to },
    ],
  });
  const buffer = { kind: "buffer", bytes: 16, usage: "storage" } as const;
  const job: GpuJob = {
    shaders: [shader],
    resources: [
      { ...buffer, name: "a", input: 0, output: false },
      { ...buffer, name: "b", output: true },
    ],
    passes: [pass(0, 1), pass(1, 0), pass(0, 1)],
  };
  const { buffers, report } = await host.compute(job, [
    new Uint8Array(Uint32Array.of(0, 1, 2, 3).buffer),
  ]);
  const thrice = (n: number) => ((n * 3 + 1) * 3 + 1) * 3 + 1;
  assert.deepEqual(
    new Uint32Array((buffers[0] ?? new Uint8Array()).slice().buffer),
    Uint32Array.of(0, 1, 2, 3).map(thrice),
  );
  assert.deepEqual(
    report.passes.map((one) => one.runs),
    [3],
  );
});

test("rows of a texture come back without the gaps of the GPU's layout", { skip }, async () => {
  const shader = wgsl(`
    @group(0) @binding(0) var image: texture_storage_2d<r32float, write>;
    @compute @workgroup_size(1) fn main(@builtin(global_invocation_id) id: vec3u) {
      textureStore(image, id.xy, vec4f(f32(id.y * 100u + id.x), 0, 0, 0));
    }`);
  const job: GpuJob = {
    shaders: [shader],
    resources: [
      {
        kind: "texture",
        name: "image",
        format: "r32float",
        width: 5,
        height: 3,
        usage: "storage",
        output: true,
      },
    ],
    passes: [
      { shader: 0, workgroups: [5, 3, 1], bindings: [{ group: 0, binding: 0, resource: 0 }] },
    ],
  };
  const { buffers } = await host.compute(job, []);
  const expected = [0, 100, 200].flatMap((row) => [0, 1, 2, 3, 4].map((column) => row + column));
  assert.deepEqual([...floatsIn(buffers[0])], expected);
});

test("a WGSL error has its line and column", { skip }, async () => {
  const wrong = wgsl("@compute @workgroup_size(1)\nfn main() {\n  let x: u32 = 1.5;\n}\n");
  await assert.rejects(host.inspect(wrong), (error) => {
    assert.ok(error instanceof MocError);
    assert.equal(error.code, "MOC_SHADER_INVALID");
    assert.deepEqual(error.position, { file: "test.wgsl", line: 3, column: 16 });
    assert.match(error.message, /^test\.wgsl:3:16: .*u32/);
    return true;
  });
});

test("a GLSL error has its line and column in the user's text", { skip }, async () => {
  const text = (line: string) =>
    `#version 310 es\nlayout(local_size_x = 1) in;\nlayout(std430, binding = 0) buffer B { float v[]; } b;\nvoid main() {\n${line}\n}\n`;
  const cases = [
    ["  b.v[0] = 1.0 + nothere;", /'nothere': undeclared identifier/, 18],
    ["  float x = 1.0", /syntax error/, undefined],
    ["  b.v[0] = vec2(1.0);", /cannot convert/, 10],
  ] as const;
  for (const [line, message, column] of cases) {
    await assert.rejects(host.inspect(glsl(text(line))), (error) => {
      assert.ok(error instanceof MocError);
      assert.equal(error.code, "MOC_SHADER_INVALID");
      assert.match(error.message, message);
      // What is missing at the end of a line is noticed on the next.
      const wantedLine = column === undefined ? 6 : 5;
      assert.equal(error.position?.line, wantedLine);
      if (column !== undefined) assert.equal(error.position?.column, column);
      return true;
    });
  }
});

test("a binding that is missing, too small or of another kind is named", { skip }, async () => {
  const shader = wgsl(`
    struct Settings { scale: f32, offset: f32, limit: vec4f }
    @group(0) @binding(0) var<storage, read_write> data: array<f32>;
    @group(0) @binding(1) var<uniform> settings: Settings;
    @compute @workgroup_size(1) fn main() { data[0] = settings.scale; }`);
  const job = inPlaceJob(shader, 4, 1);
  const data = [new Uint8Array(4)];
  await assert.rejects(host.compute(job, data), (error) => {
    assert.ok(code("MOC_SHADER_BINDING")(error));
    assert.match(String(error), /'settings' \(@group\(0\) @binding\(1\)\) is used/);
    return true;
  });
  const withSettings = (usage: "uniform" | "storage", bytes: number): GpuJob => ({
    ...job,
    resources: [
      ...job.resources,
      { kind: "buffer", name: "settings", bytes, usage, output: false },
    ],
    passes: job.passes.map((pass) => ({
      ...pass,
      bindings: [...pass.bindings, { group: 0, binding: 1, resource: 1 }],
    })),
  });
  await assert.rejects(
    host.compute(withSettings("uniform", 16), data),
    /needs at least 32 bytes, but has 16/,
  );
  await assert.rejects(
    host.compute(withSettings("storage", 32), data),
    /is a uniform buffer, but a storage buffer is bound/,
  );
  await assert.rejects(host.compute(inPlaceJob(SQUARES, 0, 1), data), /'data' is empty/);
});

test("limits are named: workgroups, their size, textures", { skip }, async () => {
  const data = [new Uint8Array(4)];
  await assert.rejects(
    host.compute(inPlaceJob(SQUARES, 4, 2 ** 20), data),
    /cannot dispatch 1048576 x 1 x 1 workgroups.*maxComputeWorkgroupsPerDimension/s,
  );
  const huge = wgsl("@compute @workgroup_size(4096, 4) fn main() {}");
  await assert.rejects(
    host.compute(
      {
        shaders: [huge],
        resources: [],
        passes: [{ shader: 0, workgroups: [1, 1, 1], bindings: [] }],
      },
      [],
    ),
    (error) => error instanceof MocError && /4096/.test(error.message),
  );
  const texture = { kind: "texture", name: "image", format: "r32float", usage: "storage" } as const;
  await assert.rejects(
    host.compute(
      {
        ...inPlaceJob(SQUARES, 4, 1),
        resources: [{ ...texture, width: 10 ** 6, height: 1, output: true }],
      },
      data,
    ),
    /'image' is 1000000 x 1; .*maxTextureDimension2D/,
  );
});

test("many calls at once are all answered right, and in turn", { skip }, async () => {
  const results = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const numbers = new Float32Array(100 + index).fill(index);
      const job = inPlaceJob(SQUARES, numbers.byteLength, 3);
      return (await host.compute(job, [bytesOf(numbers)])).buffers[0];
    }),
  );
  for (const [index, bytes] of results.entries()) {
    const floats = floatsIn(bytes);
    assert.equal(floats.length, 100 + index);
    assert.ok(floats.every((one) => one === index * index));
  }
});

test("the description says what runs shaders, and a part of its name chooses it", {
  skip,
}, async () => {
  const description = await host.describe();
  assert.ok(description.available);
  assert.ok(description.adapters.some((one) => one.name === description.adapter));
  assert.ok((description.limits.maxComputeInvocationsPerWorkgroup ?? 0) >= 128);
  const chosen = new GpuHost({ adapter: description.adapter.slice(0, 6) });
  try {
    const again = await chosen.describe();
    assert.ok(again.available, again.available ? "" : again.reason);
    assert.equal(again.adapter, description.adapter);
    assert.match(again.chosen, /adapter setting/);
  } finally {
    await chosen.close();
  }
});

test("a name that no adapter has is answered with those that there are", { skip }, async () => {
  const wrong = new GpuHost({ adapter: "no such adapter" });
  try {
    const description = await wrong.describe();
    assert.ok(!description.available);
    assert.match(description.reason, /offers '.+', none with 'no such adapter' in its name/);
    assert.match(description.reason, /--gpu-adapter/);
    await assert.rejects(wrong.inspect(SQUARES), code("MOC_GPU_UNAVAILABLE"));
  } finally {
    await wrong.close();
  }
});

test("without a driver the one error says what to install, and a driver that was named is not replaced", async () => {
  const env = { ...process.env, VK_DRIVER_FILES: "/nonexistent/driver.json" };
  const none = new GpuHost({ env });
  try {
    const description = await none.describe();
    assert.ok(!description.available);
    assert.match(
      description.reason,
      /VK_DRIVER_FILES names.*correct VK_DRIVER_FILES.*'\/nonexistent\/driver\.json'/s,
    );
    await assert.rejects(none.inspect(SQUARES), code("MOC_GPU_UNAVAILABLE"));
  } finally {
    await none.close();
  }
});

test("a check finds every error with its place, and that a device refuses an entry point", {
  skip,
}, async () => {
  const twice = wgsl(`@group(0) @binding(0) var<storage, read_write> data: array<f32>;
@compute @workgroup_size(64)
fn good() { data[0] = 1.0; }
@compute @workgroup_size(4096, 4)
fn large() { data[0] = 2.0; }
`);
  const { problems, shape, compiledBy } = await host.check(twice);
  assert.equal(shape?.entries.length, 2);
  assert.ok(compiledBy);
  assert.deepEqual(
    problems.map(({ severity, line, column }) => [severity, line, column]),
    [["error", 5, 4]],
  );
  assert.match(problems[0]?.message ?? "", /4096/);

  const broken = await host.check(wgsl("fn a() { let x: u32 = 1.5; }\nfn b() { return 1; }\n"));
  assert.ok(broken.problems.length >= 1 && !broken.shape);
  assert.deepEqual([broken.problems[0]?.line, broken.problems[0]?.column], [1, 23]);

  const text = "#version 310 es\nvoid main() {\n  float x = nothere + gone;\n}\n";
  const translated = await host.check(glsl(text));
  assert.deepEqual(
    translated.problems.map(({ line, column }) => [line, column]),
    [[3, 13]],
  );
});
