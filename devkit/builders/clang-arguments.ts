import type { FunctionProject } from "../manifest.ts";
import { startFunctions } from "./entered-by.ts";

/** Entry points that the runtime looks for when the manifest names none. */
const USUAL_STARTS = ["handle", "_start"];

export interface ClangTask {
  readonly output: string;
  /** A reactor. */
  readonly direct: boolean;
  readonly debug?: boolean | undefined;
}

/**
 * Arguments of clang for a function: a command with `_start` (posix), or a reactor whose start
 * functions are exported (direct). Diagnostics are printed in a form that is easy to read back.
 */
export function clangArguments(
  project: FunctionProject,
  sources: readonly string[],
  { output, direct, debug = false }: ClangTask,
): readonly string[] {
  const exports = [...new Set([...startFunctions(project), ...(direct ? USUAL_STARTS : [])])];
  const { flags = [] } = project.manifest;
  // Without the C library there is no start-up code that a reactor could begin with.
  const bare = flags.includes("-nostdlib");
  const model = bare ? "-Wl,--no-entry" : "-mexec-model=reactor";
  return [
    "-O2",
    "-Wall",
    ...(direct ? [model] : []),
    ...exports.map((name) => `-Wl,--export-if-defined=${name}`),
    ...(debug ? [] : ["-Wl,--strip-debug"]),
    "-fno-color-diagnostics",
    "-fno-caret-diagnostics",
    "-fdiagnostics-print-source-range-info",
    ...flags,
    ...(debug ? ["-O0", "-g", `-fdebug-compilation-dir=${project.folder}`] : []),
    ...sources,
    "-o",
    output,
  ];
}
