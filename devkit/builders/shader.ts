import { readFile } from "node:fs/promises";
import type { Builder } from "./builder.ts";
import { mainSource } from "./source.ts";

/** A shader's source is its artefact; the runtime compiles it for the GPU that it finds. */
function shader(language: string, contentType: string, defaultSources: readonly string[]): Builder {
  return {
    language,
    defaultSources,
    check: async () => ({ ok: true, tool: "compiled by the runtime" }),
    async build(project) {
      const start = performance.now();
      return {
        ok: true,
        artifact: await readFile(await mainSource(project, defaultSources)),
        contentType,
        diagnostics: [],
        durationMs: performance.now() - start,
        toolVersion: "compiled by the runtime",
      };
    },
  };
}

const WGSL_SOURCES = ["shader.wgsl", "src/shader.wgsl", "main.wgsl"];
const GLSL_SOURCES = ["shader.glsl", "src/shader.glsl", "shader.comp", "main.glsl"];

/** Main source files of shaders where the manifest names none. */
export const shaderSources: readonly string[] = [...WGSL_SOURCES, ...GLSL_SOURCES];

export const wgsl = shader("wgsl", "text/wgsl", WGSL_SOURCES);
export const glsl = shader("glsl", "text/x-glsl-compute", GLSL_SOURCES);
