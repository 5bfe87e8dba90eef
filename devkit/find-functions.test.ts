import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { test } from "node:test";
import { callOrder } from "./deploy-all.ts";
import { findFunctions } from "./find-functions.ts";
import type { FunctionProject } from "./manifest.ts";
import { temporaryFolder, writeFiles } from "./testing.ts";

const manifest = (name: string): string => JSON.stringify({ name, language: "c" });

test("findFunctions finds all but what tools and git keep away", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFiles(folder, {
    "b/moc.json": manifest("b"),
    "a/deep/er/moc.json": manifest("a"),
    "a/moc.json": "{",
    "node_modules/x/moc.json": manifest("x"),
    "target/moc.json": manifest("x"),
    ".git/moc.json": manifest("x"),
    ".gitignore": "/ignored/\n",
    "ignored/moc.json": manifest("x"),
    "b/.gitignore": "inner\n",
    "b/inner/moc.json": manifest("x"),
    "c/inner/moc.json": manifest("c"),
  });
  const { projects, broken } = await findFunctions(folder);
  assert.deepEqual(
    projects.map((one) => one.manifest.name),
    ["a", "b", "c"],
  );
  assert.deepEqual(
    broken.map((one) => one.folder),
    [join(folder, "a")],
  );
  await assert.rejects(findFunctions(join(folder, "none")), /The folder .*none does not exist\./);
});

test("callOrder puts callees first and survives circles", () => {
  const project = (name: string, calls: readonly string[]): FunctionProject => ({
    folder: `/${name}`,
    manifestFile: `/${name}/moc.json`,
    manifest: { name, language: "c", calls },
  });
  const order = callOrder([
    project("a", ["c", "elsewhere"]),
    project("b", ["a"]),
    project("c", ["a"]),
  ]);
  assert.deepEqual(
    order.map((one) => basename(one.folder)),
    ["c", "a", "b"],
  );
});
