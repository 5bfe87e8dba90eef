import assert from "node:assert/strict";
import { readdir, readFile, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { BuildCache } from "./build-cache.ts";
import { closeBuilders } from "./builders/list.ts";
import { type FunctionProject, readProject } from "./manifest.ts";
import type { Manifest } from "./manifest-shape.ts";
import { temporaryFolder, writeFiles, writeProject } from "./testing.ts";

after(closeBuilders);

const source = (status: number): string => `export function handle(): i32 { return ${status} }\n`;

async function tryProject(t: TestContext, more: Partial<Manifest> = {}) {
  const folder = await temporaryFolder(t);
  const cache = new BuildCache(join(folder, "cache"));
  const project = await writeProject(
    folder,
    { name: "f", language: "assemblyscript", ...more },
    { "assembly/index.ts": source(200) },
  );
  const build = async (one: FunctionProject = project): Promise<Uint8Array> => {
    const result = await cache.build(one, {});
    assert.ok(result.ok, JSON.stringify(result.diagnostics));
    return result.artifact;
  };
  return { cache, project, build, folder: join(folder, "cache") };
}

test("what has not changed is taken from an earlier build, also by another process", async (t) => {
  const { cache, build, project, folder } = await tryProject(t);
  const first = await build();
  assert.deepEqual(Buffer.from(await build()), Buffer.from(first));
  assert.deepEqual(cache.counts, { builds: 1, hits: 1 });
  const other = new BuildCache(folder);
  const again = await other.build(project, {});
  assert.ok(again.ok && again.contentType === "application/wasm");
  assert.match(again.toolVersion, /^asc /);
  assert.deepEqual(other.counts, { builds: 0, hits: 1 });
});

test("a changed source, manifest, or neighbour is built", async (t) => {
  const { cache, build, project } = await tryProject(t);
  const first = await build();
  await writeFiles(project.folder, { "assembly/index.ts": source(201) });
  assert.notDeepEqual(await build(), first);
  const flags = { ...project.manifest, flags: ["--debug"] };
  await writeFiles(project.folder, { "moc.json": JSON.stringify(flags) });
  await build(await readProject(project.folder));
  await writeFiles(project.folder, { "assembly/other.ts": "" });
  await build();
  assert.deepEqual(cache.counts, { builds: 4, hits: 0 });
  await writeFiles(project.folder, { ".moc/deployed.json": "{}" });
  await build();
  assert.deepEqual(cache.counts, { builds: 4, hits: 1 });
});

test("what may depend on other places is always built, and a failure is not kept", async (t) => {
  const { cache, build, project } = await tryProject(t);
  await writeFiles(project.folder, { "../outside.ts": "export const status = 200;\n" });
  const importing = `import { status } from "../../outside";\n${source(200).replace("200", "status")}`;
  await writeFiles(project.folder, { "assembly/index.ts": importing });
  await cache.build(project, {});
  await cache.build(project, {});
  await writeFiles(project.folder, { "assembly/index.ts": source(200) });
  await symlink(join(project.folder, "../outside.ts"), join(project.folder, "linked.ts"));
  await build();
  await build();
  const broken = await tryProject(t);
  await writeFiles(broken.project.folder, { "assembly/index.ts": "oops(" });
  for (let round = 0; round < 2; round++) {
    assert.equal((await broken.cache.build(broken.project, {})).ok, false);
  }
  assert.equal(cache.counts.hits + broken.cache.counts.hits, 0);
});

test("a file that was cut off is built again, an old one goes", async (t) => {
  const { cache, build, folder } = await tryProject(t);
  const first = await build();
  const [name = ""] = await readdir(folder);
  const file = join(folder, name);
  const bytes = await readFile(file);
  await writeFile(file, bytes.subarray(0, bytes.length - 3));
  assert.deepEqual(Buffer.from(await build()), Buffer.from(first));
  assert.deepEqual(cache.counts, { builds: 2, hits: 0 });
  await cache.prune();
  assert.equal((await readdir(folder)).length, 1);
  const long = new Date(Date.now() - 40 * 24 * 3600_000);
  await utimes(file, long, long);
  await cache.prune();
  assert.equal((await readdir(folder)).length, 0);
});

test("a cache that cannot be written costs a build, nothing else", async (t) => {
  const { project } = await tryProject(t);
  const cache = new BuildCache(join(project.manifestFile, "no-folder"));
  for (let round = 0; round < 2; round++) assert.ok((await cache.build(project, {})).ok);
  assert.deepEqual(cache.counts, { builds: 2, hits: 0 });
});
