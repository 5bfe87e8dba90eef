import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { FunctionProject } from "../manifest.ts";
import type { Builder } from "./builder.ts";

/**
 * Absolute path of a function's main source file.
 * @throws MocError MOC_NOT_FOUND saying what to write, and where
 */
export async function mainSource(
  project: FunctionProject,
  defaults: Builder["defaultSources"],
): Promise<string> {
  const { source } = project.manifest;
  for (const candidate of source === undefined ? defaults : [source]) {
    const file = resolve(project.folder, candidate);
    if (await isFile(file)) return file;
  }
  const message =
    source === undefined
      ? `There is no source in ${project.folder}: write ${defaults.join(" or ")}, or name another by "source" in moc.json.`
      : `The source ${join(project.folder, source)}, named in moc.json, does not exist.`;
  throw new MocError("MOC_NOT_FOUND", message);
}

/** Names of exports that the manifest enters the guest by. */
export function startFunctions({ manifest }: FunctionProject): readonly string[] {
  const starts = [manifest.start, ...(manifest.plugs ?? []).map((plug) => plug.start)];
  starts.push(...(manifest.filters ?? []).map((filter) => filter.start));
  return [...new Set(starts.filter((start) => start !== undefined))];
}

/** Whether a call enters by an export (a reactor), not by `_start` (a command). */
export function isDirect({ manifest }: FunctionProject): boolean {
  return (manifest.mode ?? "direct") === "direct";
}

export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
}
