import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MocError } from "../runtime/protocol/errors.ts";
import { nearest } from "./nearest.ts";

/** Where the printed bindings lie: beside the bundles, or in a checkout. */
const FOLDERS = ["./bindings", "../runtime/bindings/output"];

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

/** The original's short names of languages. */
const ALIASES: Readonly<Record<string, string>> = { ts: "typescript", as: "assemblyscript" };

/** Languages that guest bindings are printed in. */
export async function bindingLanguages(): Promise<readonly string[]> {
  const entries = await readdir(root(), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/**
 * Text of the guest bindings of a module.
 * @throws MocError MOC_NOT_FOUND naming what there is
 */
export async function readBinding(module: string, language: string): Promise<string> {
  const languages = await bindingLanguages();
  const folder = ALIASES[language] ?? language;
  if (!languages.includes(folder)) throw unknown("language", language, languages);
  const files = await readdir(join(root(), folder));
  const file = files.find((name) => moduleOf(name) === module);
  if (file === undefined) throw unknown("guest API module", module, files.map(moduleOf));
  return readFile(join(root(), folder, file), "utf8");
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

function root(): string {
  const folders = FOLDERS.map((folder) => fileURLToPath(new URL(folder, import.meta.url)));
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
  const hint = near ? `did you mean "${near}"?` : `there are ${known.join(", ")}.`;
  return new MocError("MOC_NOT_FOUND", `There is no ${what} "${word}": ${hint}`);
}
