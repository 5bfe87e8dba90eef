import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { contentTypeOf } from "../content-type.ts";
import { runTool } from "../run-tool.ts";
import type { Builder } from "./builder.ts";
import { clangDiagnostics } from "./clang-diagnostics.ts";
import { readArtifact } from "./prebuilt.ts";
import { failure, outputOf } from "./tool-result.ts";

/** Runs the manifest's own build command, whatever the language is. */
export const custom: Builder = {
  language: "custom",
  defaultSources: [],
  check: async () => ({ ok: true, tool: "the command in moc.json" }),
  async build(project, options = {}) {
    const { command, output, contentType } = project.manifest.build ?? { command: "", output: "" };
    const file = resolve(project.folder, output);
    // An artefact of an earlier build must not pass for the result of this one.
    const before = await readArtifact(file, project, "build.output").catch(() => undefined);
    const exit = await runTool({
      command,
      args: [],
      shell: true,
      cwd: project.folder,
      ...(options.debug && { env: { MOC_DEBUG: "1" } }),
      signal: options.signal,
      timeoutMs: options.timeoutMs,
      onLine: (line) => options.onProgress?.(line),
    });
    const { durationMs } = exit;
    const toolVersion = command;
    const text = outputOf(exit);
    // Most compilers report places in the form that clang does.
    const diagnostics = clangDiagnostics(text, project.folder);
    if (exit.code !== 0) {
      if (before === undefined) await rm(file, { force: true });
      const message = text || `"${command}" ended with exit code ${exit.code}`;
      return failure({
        diagnostics,
        durationMs,
        toolVersion,
        output: message,
        file: project.manifestFile,
      });
    }
    const artifact = await readArtifact(file, project, "build.output");
    return {
      ok: true,
      artifact,
      contentType: contentType ?? contentTypeOf(file),
      diagnostics,
      durationMs,
      toolVersion,
    };
  },
};
