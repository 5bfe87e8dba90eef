import { readdir, readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import ignore, { type Ignore } from "ignore";
import { MocError } from "../runtime/protocol/errors.ts";
import { type FunctionProject, MANIFEST_FILE, readProject } from "./manifest.ts";
import { DEFAULT_DATA_FOLDER } from "./target.ts";
import { whyUnreadable } from "./why-unreadable.ts";

interface FoundFunctions {
  /** In order of their folders. */
  readonly projects: readonly FunctionProject[];
  /** Folders whose moc.json is not valid, with the reason. */
  readonly broken: readonly { readonly folder: string; readonly error: MocError }[];
}

/** Folders that hold no sources of their own. */
export const IGNORED_FOLDERS: ReadonlySet<string> = new Set([
  "node_modules",
  "target",
  "build",
  "dist",
  ".git",
  ".moc",
  DEFAULT_DATA_FOLDER,
]);

const DEPTH_MAX = 12;

/** All functions in a folder and below, without node_modules, target, .git and what git ignores. */
export async function findFunctions(folder: string): Promise<FoundFunctions> {
  const folders = await functionFolders(resolve(folder), [], 0);
  const read = await Promise.all(
    folders.map((found) =>
      readProject(found).catch((error: unknown) => ({
        folder: found,
        error: MocError.from(error),
      })),
    ),
  );
  return {
    projects: read.filter((one) => "manifest" in one),
    broken: read.filter((one) => "error" in one),
  };
}

/** What to say, and to do, where there is none. */
export function noFunctionsIn(folder: string): string {
  return `There is no moc.json in ${resolve(folder)} or below: make a function with "moc new", or write one for sources that are there, such as { "name": "hello", "language": "rust" }.`;
}

interface IgnoreFile {
  readonly folder: string;
  readonly rules: Ignore;
}

async function functionFolders(
  folder: string,
  outer: readonly IgnoreFile[],
  depth: number,
): Promise<readonly string[]> {
  const [entries, rules] = await Promise.all([
    readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      if (depth > 0) return [];
      throw new MocError("MOC_NOT_FOUND", `The folder ${folder} ${whyUnreadable(error)}.`);
    }),
    gitIgnore(folder),
  ]);
  const ignores = rules ? [...outer, { folder, rules }] : outer;
  const isFunction = entries.some((entry) => entry.isFile() && entry.name === MANIFEST_FILE);
  const found = isFunction ? [folder] : [];
  if (depth >= DEPTH_MAX) return found;
  const inner = entries
    .filter((entry) => entry.isDirectory() && !IGNORED_FOLDERS.has(entry.name))
    .map(({ name }) => join(folder, name))
    .filter((path) => !isIgnored(`${path}/`, ignores))
    .sort();
  // All at once: a window waits for it, and each wait has its turn among all that is starting.
  const below = await Promise.all(inner.map((path) => functionFolders(path, ignores, depth + 1)));
  return [...found, ...below.flat()];
}

/** Rules of the folder's own .gitignore. */
export async function gitIgnore(folder: string): Promise<Ignore | undefined> {
  const text = await readFile(join(folder, ".gitignore"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : ignore().add(text);
}

function isIgnored(path: string, ignores: readonly IgnoreFile[]): boolean {
  return ignores.some(({ folder, rules }) => {
    const inner = relative(folder, path).replaceAll("\\", "/");
    return inner !== "" && !inner.startsWith("..") && rules.ignores(`${inner}/`);
  });
}
