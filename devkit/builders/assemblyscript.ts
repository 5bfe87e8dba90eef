import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Diagnostic } from "../diagnostic.ts";
import type { FunctionProject } from "../manifest.ts";
import { refreshOwnFile } from "../project-folder.ts";
import type { Builder } from "./builder.ts";
import { CompilerThread, workerEntry } from "./compiler-thread.ts";
import { findNpmTool, npmExecutable, npmTool } from "./npm-tool.ts";
import { mainSource } from "./source.ts";
import { failure } from "./tool-result.ts";
import type { OffsetNote } from "./worker-call.ts";

const DEFAULT_SOURCES = ["assembly/index.ts", "src/index.ts", "index.ts"];
const OUTPUT = "function.wasm";

const thread = new CompilerThread("asc", workerEntry("asc-worker"));

/** AssemblyScript by its npm compiler, which stays loaded between builds. */
export const assemblyscript: Builder = {
  language: "assemblyscript",
  defaultSources: DEFAULT_SOURCES,
  async check() {
    const found = await findNpmTool("assemblyscript");
    if (found) return { ok: true, tool: `asc ${found.version}` };
    if (await npmExecutable())
      return { ok: true, tool: "asc, fetched by npm when first used", onDemand: true };
    return {
      ok: false,
      tool: "asc",
      missing: "The AssemblyScript compiler is not here, and there is no npm to fetch it.",
      install: "Install Node.js with npm from https://nodejs.org",
    };
  },
  async build(project, options = {}) {
    const start = performance.now();
    const source = await mainSource(project, DEFAULT_SOURCES);
    const { url: toolUrl, version } = await npmTool("assemblyscript", options);
    await tellEditors(project, toolUrl);
    const args = ascArguments(project, source, options.debug);
    const job = { toolUrl, args, files: {}, output: OUTPUT };
    const { artifact, sourceMap, text, notes = [] } = await thread.compile(job, options);
    const facts = {
      diagnostics: await placed(notes, project.folder, source),
      durationMs: performance.now() - start,
      toolVersion: `asc ${version}`,
    };
    if (!artifact) return failure({ ...facts, output: text, file: source });
    const contentType = "application/wasm";
    return { ok: true, artifact, contentType, ...(sourceMap && { sourceMap }), ...facts };
  },
  close: () => thread.close(),
};

/** Lets the template's tsconfig.json find the types of this compiler, wherever it is. */
async function tellEditors({ folder }: FunctionProject, toolUrl: string): Promise<void> {
  const config = fileURLToPath(new URL("../std/assembly.json", toolUrl));
  await refreshOwnFile(folder, "assemblyscript.json", JSON.stringify({ extends: config }));
}

function ascArguments(project: FunctionProject, source: string, debug = false): readonly string[] {
  const { flags = [] } = project.manifest;
  return [
    relative(project.folder, source).replaceAll("\\", "/"),
    "--baseDir",
    project.folder,
    "--outFile",
    OUTPUT,
    "--noColors",
    "-O2",
    // Top-level statements run when the runtime says so, not while the module is being linked.
    "--exportStart",
    (project.manifest.mode ?? "direct") === "direct" ? "_initialize" : "_start",
    // An abort traps at its place, instead of calling an import that no module gives.
    ...(flags.includes("--use") ? [] : ["--use", "abort="]),
    ...flags,
    ...(debug ? ["--debug", "--sourceMap", "--optimizeLevel", "0", "--shrinkLevel", "0"] : []),
  ];
}

async function placed(
  notes: readonly OffsetNote[],
  folder: string,
  source: string,
): Promise<Diagnostic[]> {
  const texts = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  for (const { file, start, end, severity, message, code } of notes) {
    // What is wrong within the standard library was caused by the source.
    const inProject = file !== "" && !file.startsWith("~lib/");
    const path = inProject ? join(folder, file) : source;
    if (!texts.has(path)) texts.set(path, await readFile(path, "utf8").catch(() => ""));
    const text = (inProject && texts.get(path)) || "";
    const from = placeOf(text, start);
    const to = placeOf(text, end);
    diagnostics.push({
      file: path,
      ...from,
      endLine: to.line,
      endColumn: to.column,
      severity,
      message,
      code,
    });
  }
  return diagnostics;
}

function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const lines = before.split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
