import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { MocError } from "../../runtime/protocol/errors.ts";
import { contentTypeOf } from "../content-type.ts";
import type { FunctionProject } from "../manifest.ts";
import { whyUnreadable } from "../why-unreadable.ts";
import type { Builder } from "./builder.ts";

/** Deploys a file as it is. */
export const prebuilt: Builder = {
  language: "prebuilt",
  defaultSources: [],
  check: async () => ({ ok: true, tool: "no compiler needed" }),
  async build(project) {
    const start = performance.now();
    const file = resolve(project.folder, project.manifest.artifact ?? "");
    const artifact = await readArtifact(file, project, "artifact");
    return {
      ok: true,
      artifact,
      contentType: contentTypeOf(file),
      diagnostics: [],
      durationMs: performance.now() - start,
      toolVersion: "prebuilt",
    };
  },
};

/**
 * Reads what a manifest's field names.
 * @throws MocError MOC_NOT_FOUND
 */
export async function readArtifact(
  file: string,
  project: FunctionProject,
  field: string,
): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new MocError(
      "MOC_NOT_FOUND",
      `${file}, named by ${field} in ${project.manifestFile}, ${whyUnreadable(error)}.`,
      { cause: error },
    );
  }
}
