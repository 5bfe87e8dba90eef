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

/** Whether there is a file of this name. */
export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
}
