/** The rules of docs/ARCHITECTURE.md that a machine can hold. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { findCycles, readSources, type SourceFile } from "./import-graph.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCES = readSources(ROOT);
const isTest = (file: SourceFile) =>
  /\.(test|fixture)\.ts$|\/testing\.ts$|\/test-[^/]+\.ts$/.test(file.path);
const SHIPPED = SOURCES.filter((file) => !isTest(file));

/** Folder -> folders it may import beside itself. The longest matching key counts. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  "runtime/protocol": [],
  "runtime/core": ["runtime/protocol"],
  "runtime/storage": ["runtime/protocol", "runtime/core"],
  "runtime/guest-api": ["runtime/protocol", "runtime/core"],
  "runtime/bindings": ["runtime/protocol", "runtime/guest-api"],
  "runtime/engines": ["runtime/protocol", "runtime/guest-api"],
  "runtime/executor": ["runtime/protocol", "runtime/guest-api", "runtime/engines", "runtime/core"],
  "runtime/gpu": ["runtime/protocol"],
  "runtime/server": ["runtime/protocol", "runtime/core"],
  "runtime/system": ["runtime/protocol", "runtime/core"],
  "runtime/system/guest": ["runtime/protocol"],
  "runtime/cli": ["runtime", "devkit"],
  runtime: ["runtime"],
  devkit: ["runtime/protocol"],
  extension: ["devkit", "runtime/protocol"],
  webview: ["runtime/protocol"],
};

/** Packages with native code or a host of their own, each behind one folder. */
const GUARDED: Readonly<Record<string, string>> = {
  vscode: "extension/",
  "classic-level": "runtime/storage/",
  webgpu: "runtime/gpu/",
  ws: "runtime/server/",
  "@bjorn3/browser_wasi_shim": "runtime/engines/wasm/",
  "quickjs-emscripten": "runtime/engines/javascript/",
  "@vscode/webview-ui-toolkit": "webview/",
};

function worldOf(path: string): string | undefined {
  return Object.keys(ARROWS)
    .filter((world) => path.startsWith(`${world}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** Entries of processes and threads put their parts together, so they may name all of them. */
const WIRING: Readonly<Record<string, string>> = { "runtime/executor/thread.ts": "runtime" };

test("imports follow the arrows of the architecture", () => {
  const wrong = SHIPPED.flatMap((file) => {
    const world = worldOf(file.path);
    if (!world) return [];
    const wired = WIRING[file.path];
    const allowed = wired ? [wired] : [world, ...(ARROWS[world] ?? [])];
    return file.imports
      .filter(
        (one) => one.endsWith(".ts") && !allowed.some((folder) => one.startsWith(`${folder}/`)),
      )
      .map((one) => `${file.path} -> ${one}`);
  });
  assert.deepEqual(wrong, []);
});

test("no files import each other in a circle, types included", () => {
  assert.deepEqual(findCycles(SOURCES), []);
});

test("every import names a file that exists", () => {
  const paths = new Set(SOURCES.map((file) => file.path));
  const lost = SOURCES.flatMap((file) =>
    file.imports
      .filter((one) => one.endsWith(".ts") && !one.includes("/output/") && !paths.has(one))
      .map((one) => `${file.path} -> ${one}`),
  );
  assert.deepEqual(lost, []);
});

test("guarded packages stay behind their folder", () => {
  const wrong = SHIPPED.filter((file) => worldOf(file.path)).flatMap((file) =>
    file.packages
      .filter((name) => GUARDED[name] !== undefined && !file.path.startsWith(GUARDED[name]))
      .map((name) => `${file.path} imports ${name}`),
  );
  assert.deepEqual(wrong, []);
});

test("protocol and webview know nothing of Node", () => {
  const wrong = SHIPPED.filter((file) => /^(runtime\/protocol|webview)\//.test(file.path))
    .filter((file) => !file.path.endsWith("/build.ts"))
    .flatMap((file) =>
      file.packages
        .filter((name) => name.startsWith("node:"))
        .map((name) => `${file.path} imports ${name}`),
    );
  assert.deepEqual(wrong, []);
});

/** Tables of a specification, which gain nothing from being cut. */
const LONG_BY_NATURE = new Set(["runtime/guest-api/core/api.ts"]);

test("no file grows beyond one idea", () => {
  const long = SHIPPED.filter((file) => file.lines > 400 && !LONG_BY_NATURE.has(file.path)).map(
    (file) => `${file.path}: ${file.lines} lines`,
  );
  assert.deepEqual(long, []);
});

test("clients never stop verifying certificates", () => {
  const wrong = SOURCES.filter((file) => file.path !== "scripts/architecture.test.ts").filter(
    (file) => /rejectUnauthorized\s*:\s*false|NODE_TLS_REJECT_UNAUTHORIZED/.test(file.text),
  );
  assert.deepEqual(
    wrong.map((file) => file.path),
    [],
  );
});
