import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { checkContent } from "./check-package.ts";
import { hostTarget } from "./package.ts";
import { isTarget, nativeFiles, TARGETS, type Target } from "./package-targets.ts";

const MODULES = new URL("../node_modules/", import.meta.url);
const ESSENTIAL = [
  ...[
    "package.json",
    "readme.md",
    "dist/extension.cjs",
    "dist/extension-later.cjs",
    "dist/cli.js",
    "dist/executor.js",
  ],
  ...["dist/gpu.js", "dist/keeper.mjs", "dist/assets/quickjs.wasm", "schemas/moc.schema.json"],
  ...["extension/media/icon.png", "templates/javascript/template.json"],
  "node_modules/classic-level/package.json",
  "node_modules/naga-wasm/package.json",
];

const content = (target: Target | undefined, ...more: readonly string[]): string[] =>
  [
    ...ESSENTIAL,
    ...(target ? nativeFiles(target).map((name) => `node_modules/${name}`) : []),
    ...more,
  ].map((name) => `extension/${name}`);

test("for each platform there are binaries of all native modules", async () => {
  const lock = JSON.parse(await readFile(new URL("../package-lock.json", MODULES), "utf8"));
  for (const target of TARGETS) {
    const files = nativeFiles(target);
    for (const part of ["@esbuild/", "classic-level/", "webgpu/"]) {
      assert.ok(
        files.some((name) => name.startsWith(part)),
        `${target}: ${part}`,
      );
    }
    for (const file of files) {
      const [, foreign] = /^(@esbuild\/[^/]+)/.exec(file) ?? [];
      // npm installs only this platform's esbuild; the lock file pins the others.
      if (foreign) assert.ok(`node_modules/${foreign}` in lock.packages, foreign);
      else assert.ok(existsSync(new URL(file, MODULES)), `${target}: ${file}`);
    }
  }
});

test("the native files of this platform's package are those that work here", (t) => {
  const own = hostTarget();
  if (!isTarget(own)) return t.skip(`${own} has no package of its own`);
  for (const file of nativeFiles(own)) assert.ok(existsSync(new URL(file, MODULES)), file);
});

test("a package with all that it needs and nothing else passes", () => {
  for (const target of [...TARGETS, undefined]) {
    assert.deepEqual(checkContent(content(target), target), []);
  }
  const prebuild = "node_modules/classic-level/prebuilds/linux-arm/classic-level.armv6.node";
  assert.deepEqual(checkContent(content(undefined, prebuild)), []);
});

test("what lacks, is foreign, or belongs to the checkout only is named", () => {
  const problems = (target: Target | undefined, ...names: readonly string[]) =>
    checkContent(content(target, ...names), target).join("\n");
  assert.match(
    problems("win32-x64", "node_modules/webgpu/dist/linux-x64/dawn.node"),
    /linux-x64\/dawn\.node is code of another platform/,
  );
  assert.match(
    problems("linux-x64", "node_modules/classic-level/prebuilds/linux-x64/classic-level.musl.node"),
    /musl\.node is code of another platform/,
  );
  assert.match(
    problems(undefined, "node_modules/webgpu/dist/linux-x64/dawn.node"),
    /another platform/,
  );
  assert.match(problems(undefined, "runtime/core/calls.ts"), /calls\.ts is not allowed/);
  assert.match(problems(undefined, "dist/cli.js.map"), /cli\.js\.map is of the checkout/);
  assert.match(problems(undefined, "templates/a.test.ts"), /is of the checkout/);
  const lacking = content("linux-arm64").filter((name) => !/dawn|cli\.js/.test(name));
  const missing = checkContent(lacking, "linux-arm64").join("\n");
  assert.match(missing, /dist\/cli\.js is missing/);
  assert.match(missing, /webgpu\/dist\/linux-arm64\/dawn\.node is missing/);
});
