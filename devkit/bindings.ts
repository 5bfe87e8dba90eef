import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MocError } from "../runtime/protocol/errors.ts";
import { nearest } from "./nearest.ts";

/** Where the printed bindings lie, a folder for each language: beside the bundles, or in a checkout. */
const FOLDERS = ["./bindings", "../runtime/bindings/output"];
/** The reference is read on the web too: in a checkout it lies with the documentation. */
const REFERENCE = { language: "markdown", folders: ["./bindings/markdown", "../docs/guest-api"] };

/** First words of every printed file; only such files are written anew. */
const ORIGIN = /^\W*(?:Code generated|Generated) by runtime\/bindings\//;
const EXTENSION_LANGUAGES: readonly (readonly [pattern: RegExp, language: string])[] = [
  [/\.d\.ts$/, "typescript"],
  [/\.h$/, "c"],
  [/\.syms$/, "c-syms"],
  [/\.rs$/, "rust"],
  [/\.go$/, "go"],
  [/\.ts$/, "assemblyscript"],
];

/** The original's short names. */
const LANGUAGE_ALIASES: Readonly<Record<string, string>> = {
  ts: "typescript",
  as: "assemblyscript",
  md: "markdown",
};
const MODULE_ALIASES: Readonly<Record<string, string>> = { "my-own-cluster": "core" };

/** Languages that guest bindings are printed in, and the reference. */
async function bindingLanguages(): Promise<readonly string[]> {
  const entries = await readdir(firstFolder(FOLDERS), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return [...new Set([...folders, REFERENCE.language])];
}

/**
 * Languages that a guest API module is printed in.
 * @throws MocError MOC_NOT_FOUND naming what there is
 */
export async function languagesOf(module: string): Promise<readonly string[]> {
  const found: string[] = [];
  const modules = new Set<string>();
  for (const language of await bindingLanguages()) {
    const here = (await readdir(folderOf(language))).map(moduleOf);
    for (const one of here) modules.add(one);
    if (here.includes(MODULE_ALIASES[module] ?? module)) found.push(language);
  }
  if (found.length === 0) throw unknown("guest API module", module, [...modules]);
  return found;
}

/**
 * Text of the guest bindings of a module.
 * @throws MocError MOC_NOT_FOUND naming what there is
 */
export async function readBinding(module: string, language: string): Promise<string> {
  const languages = await bindingLanguages();
  const known = LANGUAGE_ALIASES[language] ?? language;
  if (!languages.includes(known)) throw unknown("language", language, languages);
  const files = await readdir(folderOf(known));
  const wanted = MODULE_ALIASES[module] ?? module;
  const file = files.find((name) => moduleOf(name) === wanted);
  if (file === undefined) throw unknown("guest API module", module, files.map(moduleOf));
  return readFile(join(folderOf(known), file), "utf8");
}

/** Writes the guest bindings in a function's folder anew; answers the files that changed. */
export async function refreshBindings(folder: string): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const file of await printedFiles(folder)) {
    const before = await readFile(file, "utf8");
    const [, language] = EXTENSION_LANGUAGES.find(([pattern]) => pattern.test(file)) ?? [];
    const module = moduleInText(before);
    if (language === undefined || module === undefined) continue;
    const text = await readBinding(module, language);
    if (text === before) continue;
    await writeFile(file, text);
    changed.push(file);
  }
  return changed;
}

function folderOf(language: string): string {
  if (language === REFERENCE.language) return firstFolder(REFERENCE.folders);
  return join(firstFolder(FOLDERS), language);
}

/** The first of the folders that is there. */
function firstFolder(relative: readonly string[]): string {
  const folders = relative.map((folder) => fileURLToPath(new URL(folder, import.meta.url)));
  const found = folders.find((folder) => existsSync(folder));
  if (found !== undefined) return found;
  throw new MocError("MOC_INTERNAL", `The guest bindings are not at ${folders.join(" or ")}.`);
}

/** `core-api-guest.h`, `core_api_guest.rs`, `core.go` and `moc-environment.d.ts` to the module. */
function moduleOf(file: string): string {
  return file
    .replace(/\..*$/, "")
    .replace(/[-_]api[-_]guest$/, "")
    .replace(/^moc-/, "");
}

function moduleInText(text: string): string | undefined {
  const [line = ""] = text.split("\n", 1);
  if (!ORIGIN.test(line)) return undefined;
  return /guest-api\/([\w-]+)\/api\.ts/.exec(line)?.[1] ?? "environment";
}

async function printedFiles(folder: string, depth = 0): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const skip = entry.name.startsWith(".") || ["node_modules", "target"].includes(entry.name);
      if (!skip && depth < 4) found.push(...(await printedFiles(path, depth + 1)));
    } else if (EXTENSION_LANGUAGES.some(([pattern]) => pattern.test(entry.name))) {
      const text = await readFile(path, "utf8");
      if (ORIGIN.test(text.slice(0, 200))) found.push(path);
    }
  }
  return found;
}

function unknown(what: string, word: string, known: readonly string[]): MocError {
  const near = nearest(word, known);
  const hint = near ? ` Did you mean "${near}"?` : "";
  const all = known.toSorted().join(", ");
  return new MocError("MOC_NOT_FOUND", `There is no ${what} "${word}": there are ${all}.${hint}`);
}
