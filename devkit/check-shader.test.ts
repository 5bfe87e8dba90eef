/** Shaders that do not compile, deployed to a real platform: with the system's adapter, and without any. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { GpuDescription, GpuReport } from "../runtime/protocol/gpu.ts";
import { buildFor } from "./build-checked.ts";
import { deployProject } from "./deploy.ts";
import type { FunctionProject } from "./manifest.ts";
import { startPlatform, temporaryFolder, writeProject } from "./testing.ts";

const DOUBLES = `@group(0) @binding(0) var<storage, read_write> numbers: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&numbers)) { numbers[id.x] *= 2.0; }
}
`;
const manifest = (shader?: object) =>
  ({
    name: "doubles",
    language: "wgsl",
    plugs: [{ method: "post", path: "/doubles" }],
    ...(shader && { shader }),
  }) as const;

/** Severity and place of what was found. */
const seen = (project: FunctionProject, diagnostics: readonly { file: string }[]) =>
  diagnostics.map((one) => {
    const { file, line, column, severity } = one as typeof one & Record<string, unknown>;
    return [file.slice(project.folder.length + 1), line, column, severity];
  });

for (const gpuAdapter of ["", "none"]) {
  const where = gpuAdapter === "none" ? "without an adapter" : "with the system's adapter";
  test(`a shader that does not compile is a failed build, and the old version serves on: ${where}`, async (t) => {
    const folder = await temporaryFolder(t);
    const { client } = await startPlatform(t, join(folder, "data"), { gpuAdapter });
    const files = { "shader.wgsl": DOUBLES };
    const project = await writeProject(folder, manifest(), files);
    const first = await deployProject(client, project);
    assert.ok(first.ok, JSON.stringify(first.build.diagnostics));

    await writeFile(join(project.folder, "shader.wgsl"), DOUBLES.replace("2.0", "two"));
    const broken = await deployProject(client, project);
    assert.ok(!broken.ok);
    assert.deepEqual(seen(project, broken.build.diagnostics), [["shader.wgsl", 4, 56, "error"]]);
    assert.match(broken.build.diagnostics[0]?.message ?? "", /two/);
    assert.match(broken.build.output, /shader\.wgsl:4:56: error/);
    const { functions } = await client.call("functions");
    const live = functions.find(({ name }) => name === "doubles");
    assert.equal(live?.techID, first.techID);
    assert.equal(live?.revision, 1);

    const wrong = { bindings: { numbres: { length: 4 } } };
    const misdeclared = await writeProject(folder, manifest(wrong), files);
    await writeFile(misdeclared.manifestFile, JSON.stringify(misdeclared.manifest, undefined, 2));
    const refused = await deployProject(client, misdeclared);
    assert.ok(!refused.ok);
    const lines = JSON.stringify(misdeclared.manifest, undefined, 2).split("\n");
    const line = lines.findIndex((one) => one.includes("numbres")) + 1;
    assert.deepEqual(seen(project, refused.build.diagnostics), [["moc.json", line, 7, "error"]]);
  });
}

test("GLSL errors have their place in the user's file", async (t) => {
  const folder = await temporaryFolder(t);
  const { client } = await startPlatform(t, join(folder, "data"), { gpuAdapter: "none" });
  const text =
    "#version 310 es\nlayout(local_size_x = 1) in;\nvoid main() {\n  int a = nothere;\n}\n";
  const glsl = { name: "gl", language: "glsl", plugs: [{ path: "/gl" }] } as const;
  const project = await writeProject(folder, glsl, { "shader.glsl": text });
  const build = await buildFor(client, project);
  assert.ok(!build.ok);
  assert.deepEqual(seen(project, build.diagnostics), [["shader.glsl", 4, 11, "error"]]);
});

test("that nothing compiles shaders is said once, and a right one is deployed", async (t) => {
  const folder = await temporaryFolder(t);
  const { client } = await startPlatform(t, join(folder, "data"), { gpuAdapter: "none" });
  const project = await writeProject(folder, manifest(), { "shader.wgsl": DOUBLES });
  const first = await deployProject(client, project);
  assert.ok(first.ok);
  assert.deepEqual(seen(project, first.build.diagnostics), [["shader.wgsl", 1, 1, "info"]]);
  assert.match(
    first.build.diagnostics[0]?.message ?? "",
    /not compiled for a GPU: .*--gpu-adapter/,
  );
  const second = await deployProject(client, project);
  assert.deepEqual(second.build.diagnostics, []);
});

test("a call's report says where its time went and what came out, status says what ran it", async (t) => {
  const folder = await temporaryFolder(t);
  const { client } = await startPlatform(t, join(folder, "data"));
  assert.deepEqual((await client.call("status")).gpu, { state: "idle" });
  const { gpu } = await client.call("gpu");
  const adapter = gpu as GpuDescription;
  const state = (await client.call("status")).gpu;
  if (!adapter.available) {
    assert.equal(state?.state, "unavailable");
    return t.skip(adapter.reason);
  }
  assert.deepEqual(state?.state === "running" && state.adapter, adapter.adapter);
  const project = await writeProject(folder, manifest(), { "shader.wgsl": DOUBLES });
  assert.ok((await deployProject(client, project)).ok);
  const body = new Uint8Array(Float32Array.of(1, 2, 3).buffer);
  const answer = await client.fetchFunction({ method: "POST", path: "/doubles", body });
  assert.equal(answer.status, 200, new TextDecoder().decode(answer.body));
  assert.deepEqual([...new Float32Array(Uint8Array.from(answer.body).buffer)], [2, 4, 6]);
  const { calls } = await client.call("calls", { query: { function: "doubles" } });
  const report = calls[0]?.gpu as GpuReport;
  assert.deepEqual(Object.keys(report.timings).sort(), [
    "compile",
    "dispatch",
    "queue",
    "readback",
    "total",
    "upload",
  ]);
  assert.deepEqual(report.results, [{ name: "numbers", kind: "buffer", bytes: 12, format: "f32" }]);
  assert.equal(report.adapter, adapter.adapter);
});
