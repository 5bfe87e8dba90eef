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

export const wgsl = shader("wgsl", "text/wgsl", ["shader.wgsl", "src/shader.wgsl", "main.wgsl"]);
export const glsl = shader("glsl", "text/x-glsl-compute", [
  "shader.glsl",
  "src/shader.glsl",
  "shader.comp",
  "main.glsl",
]);
