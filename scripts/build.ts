/** Builds dist/: every bundle and asset that runs, in one go. `--watch` is not needed: it takes a second. */

import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { buildExtension } from "../extension/build.ts";
import { buildPrelude } from "../runtime/engines/javascript/build-prelude.ts";
import { buildHeap, heapAsset } from "../runtime/engines/javascript/prelude-image.ts";
import { buildQuickJS } from "../runtime/engines/javascript/quickjs-wasm.ts";
import { BOUND_MODULES } from "../runtime/guest-api/bound-modules.ts";
import { buildSystemGuest } from "../runtime/system/build-guest.ts";
import { buildDashboard } from "../webview/build.ts";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DIST = `${ROOT}dist`;

/** Native modules and compilers stay what they are: files of their own packages. */
const EXTERNAL = [
  "classic-level",
  "webgpu",
  "esbuild",
  "esbuild-wasm",
  "assemblyscript",
  "@yowasp/clang",
  "wabt",
  "naga-wasm",
  "@webgpu/glslang",
];

/**
 * `import … from "node:http"` makes Node read every property of the module, and one of them loads
 * all of undici: 30 ms of each start. Taken as an object, only what is used is read.
 */
const LAZY_HTTP: Plugin = {
  name: "lazy-http",
  setup(build) {
    const namespace = "lazy-http";
    build.onResolve({ filter: /^node:https?$/ }, ({ path }) => ({ path, namespace }));
    build.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

const NODE: BuildOptions = {
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "none",
  logLevel: "warning",
  external: EXTERNAL,
  plugins: [LAZY_HTTP],
  // Some packages (jsonc-parser) have a CommonJS form that cannot be bundled.
  mainFields: ["module", "main"],
  // Packages written as CommonJS ask for Node's own modules by require.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
};

/** Entries of the runtime's processes and threads, by the name of their bundle. */
const ENTRIES: Readonly<Record<string, string>> = {
  moc: "runtime/cli/moc.ts",
  cli: "runtime/cli/main.ts",
  executor: "runtime/executor/thread.ts",
  gpu: "runtime/gpu/gpu-process.ts",
  "shader-check": "runtime/gpu/check-thread.ts",
  "clang-worker": "devkit/builders/clang-worker.ts",
  "asc-worker": "devkit/builders/asc-worker.ts",
};

export async function buildAll(): Promise<void> {
  await mkdir(`${DIST}/assets`, { recursive: true });
  const entries = Object.fromEntries(
    Object.entries(ENTRIES).filter(([, file]) => existsSync(ROOT + file)),
  );
  const [bundles] = await Promise.all([
    build({
      ...NODE,
      entryPoints: entries,
      outdir: DIST,
      splitting: true,
      absWorkingDir: ROOT,
      metafile: true,
    }),
    buildJavaScript(),
    writeAsset("core-api.js", buildSystemGuest("core-api")),
    writeAsset("dashboard.js", buildSystemGuest("dashboard")),
    buildExtension(),
    buildDashboard(),
    copyBindings(),
  ]);
  await removeOldChunks(new Set(Object.keys(bundles.metafile.outputs)));
}

/** A runtime that was started from the build before may still load its parts. */
const OLD_MS = 10 * 60_000;
const HASHED = /-[A-Z0-9]{8}\.js(\.map)?$/;

/** Parts of earlier builds, whose names hold a hash of their content. */
async function removeOldChunks(present: ReadonlySet<string>): Promise<void> {
  for (const file of await readdir(DIST)) {
    if (!HASHED.test(file) || present.has(`dist/${file}`)) continue;
    const { mtimeMs } = await stat(`${DIST}/${file}`);
    if (Date.now() - mtimeMs > OLD_MS) await rm(`${DIST}/${file}`);
  }
}

/** QuickJS, its prelude, and its heap after the prelude ran: what every JavaScript function starts from. */
async function buildJavaScript(): Promise<void> {
  await writeAsset("javascript-prelude.js", buildPrelude());
  await writeFile(`${DIST}/assets/quickjs.wasm`, buildQuickJS());
  for (const streams of [false, true]) {
    await writeAsset(heapAsset(streams), buildHeap(BOUND_MODULES, streams));
  }
}

/** One after the other: both make the folder. */
async function copyBindings(): Promise<void> {
  await copyFolder("runtime/bindings/output", "bindings");
  await copyFolder("docs/guest-api", "bindings/markdown");
}

async function copyFolder(from: string, to: string): Promise<void> {
  await cp(ROOT + from, `${DIST}/${to}`, { recursive: true, force: true });
}

async function writeAsset(name: string, content: Promise<string | Uint8Array>): Promise<void> {
  await writeFile(`${DIST}/assets/${name}`, await content);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAll();
