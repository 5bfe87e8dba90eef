import { readFile } from "node:fs/promises";
import type { FunctionProject } from "../manifest.ts";
import type { Language } from "../manifest-shape.ts";

/** Names of exports that the manifest enters the guest by. */
export function startFunctions({ manifest }: FunctionProject): readonly string[] {
  const starts = [manifest.start, ...(manifest.plugs ?? []).map((plug) => plug.start)];
  starts.push(...(manifest.filters ?? []).map((filter) => filter.start));
  return [...new Set(starts.filter((start) => start !== undefined))];
}

/** Whether a source is that of a program: it has a main function and nothing else to enter. */
const IS_PROGRAM: Readonly<Partial<Record<Language, (text: string) => boolean>>> = {
  rust: (text) =>
    /^\s*(pub )?fn main\s*\(/m.test(text) && !/#\[(unsafe\()?(no_mangle|export_name)/.test(text),
  c: (text) => /^(?:\w[\w\s*]*\s)?main\s*\(/m.test(text) && !/\bhandle\s*\(|export_name/.test(text),
  // That of a reactor is empty: the compiler wants one.
  go: (text) => /^func main\(\) *\{(?!\s*\})/m.test(text) && !/^\/\/(go:wasm)?export /m.test(text),
};

/**
 * Whether a call enters by an export (a reactor), not by `_start` (a command). Where the manifest does
 * not say, the main source does.
 * @param source - absolute path; absent: there is none to look at
 */
export async function isDirect(project: FunctionProject, source?: string): Promise<boolean> {
  const { mode, language } = project.manifest;
  if (mode !== undefined) return mode === "direct";
  const isProgram = IS_PROGRAM[language];
  if (source === undefined || !isProgram || startFunctions(project).length > 0) return true;
  return !isProgram(await readFile(source, "utf8"));
}
