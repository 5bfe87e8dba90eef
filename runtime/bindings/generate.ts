import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { GuestModule } from "../guest-api/define.ts";
import { MODULES } from "../guest-api/modules.ts";
import { MocError } from "../protocol/errors.ts";
import type { BindingLanguage } from "./binding-language.ts";
import { printEnvironment } from "./environment.ts";
import { LANGUAGES } from "./languages.ts";

/** A printed file. */
export interface Binding {
  readonly fileName: string;
  readonly text: string;
}

/** A printed file and where its committed copy lies, relative to the repository. */
export interface CommittedBinding extends Binding {
  readonly module: string;
  readonly language: string;
  readonly path: string;
}

/** Not a guest API module: the types of what web-standard JavaScript functions are given. */
const ENVIRONMENT = { module: "environment", fileName: "moc-environment.d.ts" } as const;

/**
 * The bindings of a guest API module in a language, as `moc guest-api MODULE LANGUAGE` prints them.
 * Module `environment` in `typescript` is the `env` of web-standard JavaScript functions.
 * @throws MOC_NOT_FOUND when there is no such module or language; the message names those there are
 */
export function generateBindings(moduleName: string, languageName: string): Binding {
  const language = LANGUAGES.find(
    (one) => one.id === languageName || one.aliases.includes(languageName),
  );
  if (!language) {
    const known = LANGUAGES.map((one) => [one.id, ...one.aliases].join("/")).join(", ");
    throw new MocError(
      "MOC_NOT_FOUND",
      `no bindings for language ${JSON.stringify(languageName)}; there are: ${known}`,
    );
  }
  if (moduleName === ENVIRONMENT.module && language.id === "typescript") {
    return { fileName: ENVIRONMENT.fileName, text: printEnvironment(MODULES) };
  }
  const module = MODULES.find((one) => one.name === moduleName || one.aliases.includes(moduleName));
  if (!module) {
    const known = [...MODULES.map((one) => one.name), `${ENVIRONMENT.module} (typescript)`];
    throw new MocError(
      "MOC_NOT_FOUND",
      `no guest API module ${JSON.stringify(moduleName)}; there are: ${known.join(", ")}`,
    );
  }
  return { fileName: language.fileName(module), text: language.print(module) };
}

/** Every module in every language, and the environment's types. */
export function allBindings(): readonly CommittedBinding[] {
  const printed = MODULES.flatMap((module) =>
    LANGUAGES.map((language) => committed(module, language)),
  );
  return [
    ...printed,
    {
      ...generateBindings(ENVIRONMENT.module, "typescript"),
      module: ENVIRONMENT.module,
      language: "typescript",
      path: `runtime/bindings/output/typescript/${ENVIRONMENT.fileName}`,
    },
  ];
}

function committed(module: GuestModule, language: BindingLanguage): CommittedBinding {
  const fileName = language.fileName(module);
  const folder =
    language.id === "markdown" ? "docs/guest-api" : `runtime/bindings/output/${language.id}`;
  return {
    fileName,
    text: language.print(module),
    module: module.name,
    language: language.id,
    path: `${folder}/${fileName}`,
  };
}

const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));

/** What samples have of the bindings: files with their names and their first lines. */
function copiesInSamples(): readonly CommittedBinding[] {
  const byName = new Map(allBindings().map((one) => [one.fileName, one]));
  const copies: CommittedBinding[] = [];
  for (const path of readdirSync(join(REPOSITORY, "samples"), { recursive: true })) {
    const binding = byName.get(basename(String(path)));
    if (!binding || /(^|[\\/])(node_modules|\.moc|target)[\\/]/.test(String(path))) continue;
    const copy = `samples/${String(path).replaceAll("\\", "/")}`;
    const [firstLine] = readOrEmpty(join(REPOSITORY, copy)).split("\n", 1);
    if (firstLine?.includes("enerated by runtime/bindings/"))
      copies.push({ ...binding, path: copy });
  }
  return copies;
}

/**
 * Writes the committed copies, and those in samples; with `check` it only compares them.
 * @returns paths, relative to the repository, of the copies that were out of date
 */
export function writeBindings(check: boolean): readonly string[] {
  const stale = [...allBindings(), ...copiesInSamples()].filter(
    (one) => readOrEmpty(join(REPOSITORY, one.path)) !== one.text,
  );
  if (!check) {
    for (const one of stale) {
      const path = join(REPOSITORY, one.path);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, one.text);
    }
  }
  return stale.map((one) => one.path);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
