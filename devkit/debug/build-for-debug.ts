import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { BuildOptions, BuildResult, BuildSuccess } from "../builders/builder.ts";
import { builderFor } from "../builders/list.ts";
import type { FunctionProject } from "../manifest.ts";
import { readLineRows } from "./line-table.ts";
import { type SourceMap, sourceMapOf } from "./source-map.ts";
import { wasmSections, withCustomSection } from "./wasm-sections.ts";

const NONE = new Uint8Array();

/** What a debugger will show of a function. */
export type DebugInformation = "lines" | "names" | "none";

/** A build, and what a debugger learns from it. */
export type DebugBuild = BuildResult & { readonly information: DebugInformation };

/**
 * Builds a function without optimisations and with debug information; its WebAssembly carries a
 * source map that was made of it, with the absolute addresses of the files.
 * @throws MocError as Builder.build
 */
export async function buildForDebug(
  project: FunctionProject,
  options: BuildOptions = {},
): Promise<DebugBuild> {
  const build = await builderFor(project).build(project, { ...options, debug: true });
  if (!build.ok || build.contentType !== "application/wasm")
    return { ...build, information: "none" };
  const map = mapOf(build, project);
  if (!map) return { ...build, information: "names" };
  const text = Buffer.from(JSON.stringify(map)).toString("base64");
  const url = `data:application/json;base64,${text}`;
  const artifact = withCustomSection(build.artifact, "sourceMappingURL", url);
  return { ...build, artifact, information: "lines" };
}

/** undefined: the compiler told nothing of lines. */
function mapOf(build: BuildSuccess, { folder }: FunctionProject): SourceMap | undefined {
  if (build.sourceMap !== undefined) return absolute(JSON.parse(build.sourceMap), folder);
  const { codeStart, custom } = wasmSections(build.artifact);
  const line = custom.get(".debug_line");
  if (codeStart === undefined || !line) return undefined;
  const lineTexts = custom.get(".debug_line_str") ?? NONE;
  const texts = custom.get(".debug_str") ?? NONE;
  const rows = readLineRows({ line, lineTexts, texts }, folder);
  const map = sourceMapOf(rows, codeStart, (file) => {
    const path = resolve(folder, file);
    return existsSync(path) ? pathToFileURL(path).href : undefined;
  });
  return map.sources.length > 0 ? map : undefined;
}

/** The compiler's sources are relative to the folder; those of its library have no file. */
function absolute(map: SourceMap, folder: string): SourceMap {
  const sources = map.sources.map((source) => {
    const path = resolve(folder, source);
    return existsSync(path) ? pathToFileURL(path).href : source;
  });
  // Its root would be put before addresses too.
  return { ...map, sourceRoot: "", sources };
}
