import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Builder } from "./builder.ts";
import { clangDiagnostics } from "./clang-diagnostics.ts";
import { findNpmTool, npmExecutable, npmTool } from "./npm-tool.ts";
import { mainSource } from "./source.ts";
import { failure } from "./tool-result.ts";

const DEFAULT_SOURCES = ["main.wat", "src/main.wat", "index.wat", "module.wat"];

interface Wabt {
  parseWat(
    name: string,
    text: Uint8Array,
    features: Readonly<Record<string, boolean>>,
  ): {
    toBinary(options: { readonly write_debug_names: boolean }): { readonly buffer: Uint8Array };
    destroy(): void;
  };
}

/** Standard features that V8 has and wabt wants to be asked for. */
const FEATURES = {
  exceptions: true,
  threads: true,
  tail_call: true,
  extended_const: true,
  relaxed_simd: true,
  multi_memory: true,
};

let loaded: Promise<Wabt> | undefined;

/** WebAssembly text by wabt. */
export const wat: Builder = {
  language: "wat",
  defaultSources: DEFAULT_SOURCES,
  async check() {
    const found = await findNpmTool("wabt");
    if (found) return { ok: true, tool: `wabt ${found.version}` };
    if (await npmExecutable())
      return { ok: true, tool: "wabt, fetched by npm when first used", onDemand: true };
    return {
      ok: false,
      tool: "wabt",
      missing: "wabt is not here, and there is no npm to fetch it.",
      install: "Install Node.js with npm from https://nodejs.org",
    };
  },
  async build(project, options = {}) {
    const start = performance.now();
    const source = await mainSource(project, DEFAULT_SOURCES);
    const { url, version } = await npmTool("wabt", options);
    loaded ??= import(url).then((tool: { default: () => Promise<Wabt> }) => tool.default());
    const wabt = await loaded;
    const toolVersion = `wabt ${version}`;
    const text = await readFile(source);
    try {
      const module = wabt.parseWat(basename(source), text, FEATURES);
      try {
        const { buffer } = module.toBinary({ write_debug_names: true });
        const durationMs = performance.now() - start;
        const contentType = "application/wasm";
        const artifact = new Uint8Array(buffer);
        return { ok: true, artifact, contentType, diagnostics: [], durationMs, toolVersion };
      } finally {
        module.destroy();
      }
    } catch (error) {
      const output = error instanceof Error ? error.message : String(error);
      const diagnostics = clangDiagnostics(output, dirname(source));
      const durationMs = performance.now() - start;
      return failure({ diagnostics, durationMs, toolVersion, output, file: source });
    }
  },
};
