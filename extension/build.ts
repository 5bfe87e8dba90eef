/** The extension's bundles, made by esbuild; called by `npm run build` and `npm run package`. */
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { buildParts } from "./build-parts.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Packages that stay files of their own, beside the bundles: native code and compilers. */
const EXTERNAL_PACKAGES = [
  "classic-level",
  "webgpu",
  "esbuild",
  "esbuild-wasm",
  "assemblyscript",
  "@yowasp/clang",
  "wabt",
  "naga-wasm",
  "@webgpu/glslang",
] as const;

interface ExtensionBuildOptions {
  /** Smaller, and without source maps: what is packaged. */
  readonly production?: boolean;
}

/** Writes dist/extension.cjs and its later part, dist/mcp.mjs, dist/keeper.mjs and the page dist/request.js. */
export async function buildExtension(options: ExtensionBuildOptions = {}): Promise<void> {
  const production = options.production ?? false;
  const common: BuildOptions = {
    bundle: true,
    minify: production,
    keepNames: true,
    sourcemap: production ? false : "linked",
    legalComments: "none",
    // jsonc-parser has a UMD main file that hides its requires.
    mainFields: ["module", "main"],
    logLevel: "warning",
  };
  const external = ["vscode", ...EXTERNAL_PACKAGES];
  await Promise.all([
    buildParts({ ...common, external }, at("./main.ts"), at("../dist")),
    build({
      ...common,
      entryPoints: [at("./assistant/mcp-main.ts")],
      outfile: at("../dist/mcp.mjs"),
      platform: "node",
      target: "node22",
      format: "esm",
      external,
      banner: {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      },
    }),
    build({
      ...common,
      entryPoints: [at("./runtime/keeper.ts")],
      outfile: at("../dist/keeper.mjs"),
      platform: "node",
      target: "node22",
      format: "esm",
    }),
    build({
      ...common,
      entryPoints: [at("./pages/request.ts")],
      outfile: at("../dist/request.js"),
      platform: "browser",
      target: "chrome128",
      format: "iife",
    }),
  ]);
}
