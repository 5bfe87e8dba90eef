/** `moc build` as a process, of functions whose compiler is within this package. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Diagnostic } from "../../devkit/diagnostic.ts";
import { temporaryFolder, writeProject } from "../../devkit/testing.ts";

const CLI = fileURLToPath(new URL("./main.ts", import.meta.url));

interface Built {
  readonly ok: boolean;
  readonly file?: string;
  readonly diagnostics: readonly Diagnostic[];
}

async function build(
  t: TestContext,
  manifest: object,
  files: Readonly<Record<string, string>>,
): Promise<Built> {
  const named = { name: "it", language: "wgsl" as const, ...manifest };
  const { folder } = await writeProject(await temporaryFolder(t), named, files);
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [CLI, "build", folder, "--json"], (error, stdout, stderr) => {
      if (error && error.code !== 1) return reject(new Error(stderr, { cause: error }));
      const built = JSON.parse(stdout) as Built;
      assert.equal(built.ok, error === null);
      resolve(built);
    });
  });
}

const places = ({ diagnostics }: Built) =>
  diagnostics.map(({ severity, line, column }) => [severity, line, column]);

const DOUBLES = `@group(0) @binding(0) var<storage, read_write> numbers: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  numbers[id.x] *= 2.0;
}
`;

test("a shader is checked without a runtime, and what only a GPU can say is left to the deploy", async (t) => {
  const built = await build(t, {}, { "shader.wgsl": DOUBLES });
  assert.match(built.file ?? "", /it\.wgsl$/);
  assert.deepEqual(places(built), [["info", 1, 1]]);
  assert.match(built.diagnostics[0]?.message ?? "", /when it is deployed/);
});

test("errors of a shader have their place, in WGSL, in GLSL and in its declaration", async (t) => {
  const wgsl = await build(t, {}, { "shader.wgsl": DOUBLES.replace("2.0", "2u") });
  assert.deepEqual(places(wgsl).slice(0, 1), [["error", 4, 3]]);
  const text = "#version 310 es\nvoid main() {\n  nothere = 1;\n}\n";
  const glsl = await build(t, { language: "glsl" }, { "shader.glsl": text });
  assert.deepEqual(places(glsl).slice(0, 1), [["error", 3, 3]]);
  const shader = { output: { binding: 7 } };
  const declared = await build(t, { shader }, { "shader.wgsl": DOUBLES });
  assert.equal(declared.diagnostics[0]?.severity, "error");
  assert.match(declared.diagnostics[0]?.file ?? "", /moc\.json$/);
});
