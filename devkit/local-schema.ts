import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { FunctionProject } from "./manifest.ts";
import { refreshOwnFile } from "./project-folder.ts";

/**
 * What the templates' moc.json name as `$schema`: a file of the devkit's own folder in the project, so
 * that every editor completes and checks it, without a network and by the schema of this very version.
 */
const LOCAL_SCHEMA = /^(?:\.\/)?\.moc\/moc\.schema\.json$/;

const NAME = "moc.schema.json";
/** In a checkout and in a package alike. */
const SCHEMA_FILE = fileURLToPath(new URL("../schemas/moc.schema.json", import.meta.url));

let known: Promise<string> | undefined;

/**
 * Puts the schema where the project's moc.json names it: git does not keep it, and another version of
 * this tool may have left its own.
 */
export async function refreshSchema({ folder, manifest }: FunctionProject): Promise<void> {
  if (!LOCAL_SCHEMA.test(manifest.$schema ?? "")) return;
  known ??= readFile(SCHEMA_FILE, "utf8");
  await refreshOwnFile(folder, NAME, await known);
}
