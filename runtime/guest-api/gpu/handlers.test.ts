import assert from "node:assert/strict";
import { after, test } from "node:test";
import { decode } from "fast-png";
import { gpuOperations } from "../../gpu/gpu-operations.ts";
import { bytesOf, floatsIn, openTestGpu } from "../../gpu/testing.ts";
import { MocError } from "../../protocol/errors.ts";
import type { GpuReport } from "../../protocol/gpu.ts";
import { ByteBudget, MemoryBuffer } from "../memory-buffer.ts";
import { makeTestContext, type TestContext } from "../testing.ts";
import { boundGpu } from "./handlers.ts";

const { host, skip } = await openTestGpu();
after(() => host.close());
const operations = gpuOperations(host);
/** Between threads inputs are copies. */
const gpu = (name: string, argument: unknown, inputs: readonly (readonly Uint8Array[])[]) =>
  operations(name, argument, structuredClone(inputs));

/** A shader of the form that the original's own example has. */
const MANDELBROT = `#version 310 es
layout(local_size_x = 256) in;
layout(std430) buffer;
layout(binding = 0, rgba32f) writeonly uniform highp image2D picture;
layout(binding = 1) readonly buffer Params {
    float left; float across; float top; float down; float side; float most; float gain;
} p;
void main() {
    vec2 c = vec2(p.left + float(gl_GlobalInvocationID.x) * p.across / p.side,
                  p.top + float(gl_GlobalInvocationID.y) * p.down / p.side);
    vec2 z = c;
    float count = 0.0;
    while (count < p.most && dot(z, z) < 4.0) {
        z = vec2(z.x * z.x - z.y * z.y, 2.0 * z.x * z.y) + c;
        count += 1.0;
    }
    float red = dot(z, z) < 4.0 ? 0.0 : p.gain * count / p.most;
    imageStore(picture, ivec2(gl_GlobalInvocationID.xy), vec4(red, 0.0, 0.0, 1.0));
}`;

const SHADERS: Readonly<Record<string, string>> = {
  mandelbrot: MANDELBROT,
  triple: `
    @group(0) @binding(0) var<storage, read> source: array<f32>;
    @group(0) @binding(1) var<storage, read_write> target_values: array<f32>;
    @compute @workgroup_size(8) fn main(@builtin(global_invocation_id) id: vec3u) {
      if (id.x < arrayLength(&source)) { target_values[id.x] = 3.0 * source[id.x]; }
    }`,
};

function makeContext(): TestContext {
  return makeTestContext({
    host: {
      gpu,
      resolveModule: (name: string) => {
        const text = SHADERS[name];
        if (text === undefined) return undefined;
        const contentType = name === "triple" ? "text/wgsl" : "text/glsl";
        return { name, techID: "", contentType, bytes: new TextEncoder().encode(text) };
      },
    },
  });
}

function addBuffer(context: TestContext, floats: Float32Array): number {
  const buffer = new MemoryBuffer(new ByteBudget(2 ** 28));
  buffer.write(bytesOf(floats));
  return context.buffers.add(buffer);
}

const compute = (context: TestContext, specification: unknown) =>
  boundGpu.handlers.compute_shader?.(context, JSON.stringify(specification));

const contentOf = async (context: TestContext, id: number) =>
  floatsIn((await context.buffers.get(id).read()) ?? new Uint8Array());

test("the original's specification computes a picture that the processor agrees with", {
  skip,
}, async () => {
  const side = 256;
  const most = 50;
  const context = makeContext();
  const pixels = addBuffer(context, new Float32Array(4 * side * side));
  const params = addBuffer(context, Float32Array.of(-2.5, 3.5, -1, 2, side, most, 10));
  const done = await compute(context, {
    shader_name: "mandelbrot",
    // As the original's example does: more invocations than pixels; what lies outside is dropped.
    dispatch_size: [side, side, 1],
    bindings: [
      {
        target: "TEXTURE_2D_RGBA_FLOAT",
        exchange_buffer_id: pixels,
        is_in: false,
        is_out: true,
        width: side,
        height: side,
      },
      {
        target: "STORAGE",
        exchange_buffer_id: params,
        is_in: true,
        is_out: false,
        width: -1,
        height: -1,
      },
    ],
  });
  assert.equal(done, 0);
  const floats = await contentOf(context, pixels);
  assert.equal(floats.length, 4 * side * side);
  let different = 0;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const count = escapeCount(-2.5 + (x * 3.5) / side, -1 + (y * 2) / side, most);
      const red = count === undefined ? 0 : (10 * count) / most;
      if (Math.abs((floats[4 * (y * side + x)] ?? 0) - red) > 1e-4) different++;
    }
  }
  // At the border of the set one rounding decides over a whole step.
  assert.ok(different < side * side * 0.005, `${different} pixels differ`);
  const [report] = context.gpuReports as [GpuReport];
  assert.deepEqual(report.results[0], {
    name: "bindings[0]",
    kind: "texture",
    bytes: 16 * side * side,
    format: "rgba32float",
    width: side,
    height: side,
  });

  const png = addBuffer(context, new Float32Array());
  await boundGpu.handlers.create_image_from_rgba_float_pixels?.(context, side, side, pixels, png);
  const picture = decode((await context.buffers.get(png).read()) ?? new Uint8Array());
  assert.deepEqual([picture.width, picture.height, picture.channels], [side, side, 4]);
  const at = (x: number, y: number) => picture.data[4 * (y * side + x)];
  // The original turns the picture: what the shader wrote at (x, y) stands at (y, x).
  for (const [x, y] of [
    [10, 200],
    [100, 7],
    [255, 0],
  ] as const) {
    const value = floats[4 * (y * side + x)] ?? 0;
    assert.equal(at(y, x), Math.min(255, Math.floor(value * 255)));
  }
});

function escapeCount(cx: number, cy: number, most: number): number | undefined {
  let [x, y, count] = [cx, cy, 0];
  while (count < most && x * x + y * y < 4) {
    [x, y] = [x * x - y * y + cx, 2 * x * y + cy];
    count++;
  }
  return x * x + y * y < 4 ? undefined : count;
}

test("passes swap two buffers without copying back", { skip }, async () => {
  const context = makeContext();
  const a = addBuffer(context, Float32Array.of(1, 2, 3));
  const b = addBuffer(context, new Float32Array(3));
  const storage = { target: "STORAGE", width: -1, height: -1 };
  await compute(context, {
    shader_name: "triple",
    dispatch_size: [1, 1, 1],
    bindings: [
      { ...storage, exchange_buffer_id: a, is_in: true, is_out: false },
      { ...storage, exchange_buffer_id: b, is_in: true, is_out: true },
    ],
    passes: [{}, { bindings: [1, 0] }, {}],
  });
  assert.deepEqual([...(await contentOf(context, b))], [27, 54, 81]);
  await compute(context, {
    shader_name: "triple",
    dispatch_size: [1, 1, 1],
    bindings: [a, b].map((exchange_buffer_id) => ({ ...storage, exchange_buffer_id })),
  });
  const [first, both] = context.gpuReports as [GpuReport, GpuReport];
  assert.deepEqual(
    first.passes.map((one) => one.runs),
    [3],
  );
  assert.equal(both.passes.length, 1);
  assert.equal(both.passes[0]?.runs, 4);
  assert.ok(both.timings.total > first.timings.total);
  assert.deepEqual([...(await contentOf(context, a))], [1, 2, 3]);
});

test("pictures of one channel are grey, cut to what a byte holds", { skip: false }, async () => {
  const context = makeContext();
  const pixels = addBuffer(context, Float32Array.of(0, 0.5, 1, -3, 7, Number.NaN));
  const png = addBuffer(context, new Float32Array());
  await boundGpu.handlers.create_image_from_r_float_pixels?.(context, 3, 2, pixels, png);
  const { data, channels } = decode((await context.buffers.get(png).read()) ?? new Uint8Array());
  assert.equal(channels, 1);
  // Column by column, as the original reads them.
  assert.deepEqual([...data], [0, 255, 255, 127, 0, 0]);
});

test("what is wrong with a specification is named", { skip }, async () => {
  const context = makeContext();
  const data = addBuffer(context, Float32Array.of(1));
  const storage = { target: "STORAGE", exchange_buffer_id: data };
  const good = { shader_name: "triple", dispatch_size: [1, 1, 1], bindings: [storage, storage] };
  const cases: readonly [unknown, string, RegExp][] = [
    [[], "MOC_BAD_REQUEST", /the specification must be an object/],
    [{ ...good, shader_name: "nothing" }, "MOC_NOT_FOUND", /'nothing'/],
    [{ ...good, dispatch_size: "1" }, "MOC_BAD_REQUEST", /dispatch_size must be a list/],
    [
      { ...good, bindings: [{ ...storage, target: "SOUND" }] },
      "MOC_BAD_REQUEST",
      /bindings\[0\]\.target must be one of STORAGE/,
    ],
    [{ ...good, bindings: [{ ...storage, exchange_buffer_id: 999 }] }, "MOC_BUFFER_UNKNOWN", /999/],
    [{ ...good, bindings: [storage] }, "MOC_SHADER_BINDING", /'target_values' .* is used/],
    [{ ...good, dispatch_size: [0, 1, 1] }, "MOC_SHADER_BINDING", /cannot dispatch 0 x 1 x 1/],
    [
      { ...good, passes: [{ bindings: [0, 5] }] },
      "MOC_BAD_REQUEST",
      /passes\[0\]\.bindings.*not 5/,
    ],
  ];
  for (const [specification, code, message] of cases) {
    await assert.rejects(
      async () => compute(context, specification),
      (error) => {
        assert.ok(error instanceof MocError, String(error));
        assert.equal(error.code, code);
        assert.match(error.message, message);
        return true;
      },
    );
  }
});
