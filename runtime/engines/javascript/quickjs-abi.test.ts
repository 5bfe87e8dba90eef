import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { EXPORT_NAMES, LOADER_NAMES } from "./quickjs-abi.ts";
import { quickJSModule } from "./quickjs-wasm.ts";

const require = createRequire(import.meta.url);

test("the names of the exports are those of the package's own loader", () => {
  const wasm = require.resolve("@jitl/quickjs-wasmfile-release-sync/wasm");
  const loader = readFileSync(wasm.replace(/\.wasm$/, ".mjs"), "utf8");
  const theirs = new Map(
    [...loader.matchAll(/d\._(\w+)=b\.([\w$]+)/g)].map(([, name, minified]) => [name, minified]),
  );
  for (const [ours, name] of Object.entries(LOADER_NAMES)) {
    assert.equal(EXPORT_NAMES[ours as keyof typeof EXPORT_NAMES], theirs.get(name), name);
  }
});

test("both sizes of the C stack can be made, and small stacks share one", () => {
  const small = quickJSModule(64 * 1024);
  assert.equal(quickJSModule(256 * 1024), small);
  const large = quickJSModule(4 * 2 ** 20);
  assert.ok(large.heapBase > small.heapBase);
  assert.ok(large.heapBase - large.stackLow >= 4 * 2 ** 20);
});
