import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { GpuJob } from "../protocol/gpu.ts";
import { translateGlsl } from "./glsl.ts";
import { writtenPixelByPixel } from "./needless-workgroups.ts";
import { reflectShader } from "./reflect.ts";
import { floatsIn, glsl, openTestGpu } from "./testing.ts";

const { host, skip } = await openTestGpu();
after(() => host.close());

const shaderOf = (body: string, declarations = "") =>
  glsl(`#version 310 es
layout(local_size_x = 256) in;
layout(binding = 0, rgba32f) writeonly uniform highp image2D picture;
${declarations}
void main() { ${body} }`);

async function textureOf(body: string, declarations = ""): Promise<string | undefined> {
  const source = shaderOf(body, declarations);
  const translation = await translateGlsl(source);
  assert.ok("wgsl" in translation);
  const { wgsl } = translation;
  return writtenPixelByPixel(wgsl, reflectShader(wgsl, source).bindings)?.name;
}

const ID = "gl_GlobalInvocationID";

test("a shader that only writes its own pixel is recognized", async () => {
  for (const at of [
    `ivec2(${ID}.x, ${ID}.y)`,
    `ivec2(${ID}.xy)`,
    `ivec2(int(${ID}.x), int(${ID}.y))`,
  ]) {
    assert.equal(await textureOf(`imageStore(picture, ${at}, vec4(1.0));`), "picture");
  }
});

test("everything else runs as it was asked for", async () => {
  const own = `imageStore(picture, ivec2(${ID}.xy), vec4(1.0));`;
  const buffer = "layout(std430, binding = 1) buffer B { float sum[]; } b;";
  const cases: readonly [string, string][] = [
    [`imageStore(picture, ivec2(${ID}.yx), vec4(1.0));`, ""],
    [`imageStore(picture, ivec2(${ID}.x / 2u, ${ID}.y), vec4(1.0));`, ""],
    [`imageStore(picture, ivec2(gl_LocalInvocationID.xy), vec4(1.0));`, ""],
    [`${own} imageStore(picture, ivec2(0), vec4(0.0));`, ""],
    [`${own} b.sum[${ID}.x] = 1.0;`, buffer],
    [`s = 1.0; barrier(); ${own}`, "shared float s;"],
  ];
  for (const [body, declarations] of cases) {
    assert.equal(await textureOf(body, declarations), undefined, body);
  }
});

test("workgroups beyond the picture are left out, and the picture is whole", { skip }, async () => {
  const side = 300;
  const job: GpuJob = {
    shaders: [
      shaderOf(
        `imageStore(picture, ivec2(${ID}.xy), vec4(float(${ID}.x), float(${ID}.y), 0.0, 1.0));`,
      ),
    ],
    resources: [
      {
        kind: "texture",
        name: "picture",
        format: "rgba32float",
        width: side,
        height: side,
        usage: "storage",
        output: true,
      },
    ],
    passes: [
      { shader: 0, workgroups: [side, side, 1], bindings: [{ group: 0, binding: 0, resource: 0 }] },
    ],
  };
  const { buffers, report } = await host.compute(job, []);
  assert.deepEqual(report.passes[0]?.workgroups, [2, side, 1]);
  const floats = floatsIn(buffers[0]);
  for (const [x, y] of [
    [0, 0],
    [299, 299],
    [256, 1],
    [17, 298],
  ] as const) {
    const at = 4 * (y * side + x);
    assert.deepEqual([...floats.slice(at, at + 4)], [x, y, 0, 1]);
  }
});
