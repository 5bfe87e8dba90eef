import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { MocError } from "../runtime/protocol/errors.ts";
import { readBinding } from "./bindings.ts";
import { refreshSchema } from "./local-schema.ts";
import { MANIFEST_FILE, problemsAsError, readProject } from "./manifest.ts";
import { validateName } from "./names.ts";
import { nearest } from "./nearest.ts";
import { readShape } from "./read-shape.ts";
import { TEMPLATE, type TemplateFile } from "./template-shape.ts";

/** A template as its `template.json` describes it. */
export interface Template extends TemplateFile {
  /** Name of its folder. */
  readonly id: string;
  /** Absolute path. */
  readonly folder: string;
}

type TemplateVariable = TemplateFile["variables"][number];

interface CreateOptions {
  readonly template: Template;
  readonly name: string;
  /** Made if absent; there must be nothing in it but a .git folder. */
  readonly folder: string;
  /** Values by variable name; a variable that is not given has its default. */
  readonly variables?: Readonly<Record<string, string>>;
}

interface CreatedFunction {
  /** Absolute path. */
  readonly folder: string;
  /** Absolute paths of what was written. */
  readonly files: readonly string[];
  /** The file to open first. */
  readonly mainFile: string;
}

/** The templates of this package: beside the sources, and beside the bundles. */
const TEMPLATES_FOLDER = fileURLToPath(new URL("../templates", import.meta.url));
const TEXT_MAX = 1024 * 1024;

/**
 * All templates, by title.
 * @param root - folder of templates; default: those of this package
 */
export async function listTemplates(root = TEMPLATES_FOLDER): Promise<readonly Template[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory());
  const templates = await Promise.all(folders.map((entry) => readTemplate(join(root, entry.name))));
  return templates.filter((one) => one !== undefined).sort((a, b) => (a.title < b.title ? -1 : 1));
}

/** In the order of their ids, for who sees those. */
export function byId(templates: readonly Template[]): readonly Template[] {
  return [...templates].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The template of a name, or the first one for a language where the word is only that. */
export function templateNamed(templates: readonly Template[], word: string): Template | undefined {
  return (
    templates.find(({ id }) => id === word) ?? templates.find(({ language }) => language === word)
  );
}

/** @throws MocError MOC_NOT_FOUND naming the nearest template, or all */
export function findTemplate(templates: readonly Template[], word: string): Template {
  const found = templateNamed(templates, word);
  if (found) return found;
  const ids = byId(templates).map(({ id }) => id);
  const near = nearest(word, ids);
  const hint = near ? `did you mean "${near}"?` : `there are ${ids.join(", ")}.`;
  throw new MocError("MOC_NOT_FOUND", `There is no template "${word}": ${hint}`);
}

/** Why a value of a variable is not acceptable; undefined when it is. */
export function validateVariable(variable: TemplateVariable, value: string): string | undefined {
  const { pattern, message, title } = variable;
  if (/\p{Cc}/u.test(value)) return `${title}: no line breaks or control characters, please`;
  if (pattern === undefined || new RegExp(`^(?:${pattern})$`, "u").test(value)) return undefined;
  return `${title}: ${message ?? `it must match ${pattern}`}`;
}

/**
 * Writes a new function, all of it or nothing.
 * @throws MocError MOC_NAME_INVALID, MOC_CONFLICT (the folder is not empty), MOC_BAD_REQUEST (variable)
 */
export async function createFunction(options: CreateOptions): Promise<CreatedFunction> {
  const { template, name } = options;
  const folder = resolve(options.folder);
  const wrong = validateName(name);
  if (wrong) throw new MocError("MOC_NAME_INVALID", `${wrong}.`);
  const values = variableValues(template, name, options.variables ?? {});
  const files = new Map<string, Uint8Array | string>();
  await readContent(join(template.folder, "content"), folder, values, files);
  for (const { module, language, path } of template.bindings) {
    files.set(join(folder, path), await readBinding(module, language));
  }
  await refuseOccupied(folder);
  await writeAll(files);
  if (files.has(join(folder, MANIFEST_FILE))) await refreshSchema(await readProject(folder));
  const mainFile = join(folder, fill(template.open, values));
  return { folder, files: [...files.keys()], mainFile };
}

async function readTemplate(folder: string): Promise<Template | undefined> {
  const file = join(folder, "template.json");
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const { value, problems } = readShape(TEMPLATE, text, file);
  if (!value) throw problemsAsError(problems);
  return { ...value, id: basename(folder), folder };
}

function variableValues(
  template: Template,
  name: string,
  given: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const values = new Map([["name", name]]);
  const names = template.variables.map((variable) => variable.name);
  for (const one of Object.keys(given)) {
    if (names.includes(one)) continue;
    const known = names.length > 0 ? `it has ${names.join(", ")}` : "it has none";
    const message = `The template ${template.id} has no variable "${one}": ${known}.`;
    throw new MocError("MOC_BAD_REQUEST", message);
  }
  for (const variable of template.variables) {
    const value = given[variable.name] ?? variable.default;
    const wrong = validateVariable(variable, value);
    if (wrong) throw new MocError("MOC_BAD_REQUEST", `${wrong}.`);
    values.set(variable.name, value);
  }
  return values;
}

async function readContent(
  from: string,
  to: string,
  values: ReadonlyMap<string, string>,
  files: Map<string, Uint8Array | string>,
): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const target = join(to, fill(entry.name, values));
    const source = join(from, entry.name);
    if (entry.isDirectory()) await readContent(source, target, values, files);
    else files.set(target, fillBytes(await readFile(source), values));
  }
}

/** Values are put in as they are; nothing interprets them, neither a shell nor a pattern. */
function fill(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => values.get(name) ?? whole);
}

function fillBytes(bytes: Uint8Array, values: ReadonlyMap<string, string>): Uint8Array | string {
  if (bytes.length > TEXT_MAX || bytes.includes(0)) return bytes;
  return fill(new TextDecoder().decode(bytes), values);
}

/** Beside these a new function may be made: a folder that holds them was made for it. */
const NO_OBSTACLES = new Set([".git", ".DS_Store"]);

/**
 * What is in the way of a new function in this folder: the folder itself where it is a file, or what
 * it holds; undefined when it is free.
 */
export async function obstacleIn(folder: string): Promise<string | undefined> {
  try {
    const names = await readdir(folder);
    const others = names.filter((one) => !NO_OBSTACLES.has(one));
    const name = others.find((one) => !one.startsWith(".")) ?? others[0];
    return name === undefined ? undefined : join(folder, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    return folder;
  }
}

async function refuseOccupied(folder: string): Promise<void> {
  const obstacle = await obstacleIn(folder);
  if (obstacle === undefined) return;
  const reason =
    obstacle === folder ? "is no folder" : `is not empty (it has ${basename(obstacle)})`;
  throw new MocError(
    "MOC_CONFLICT",
    `${folder} ${reason}: choose another name or folder; nothing was written.`,
  );
}

/** All or nothing: when one cannot be written, those before it and their folders go. */
async function writeAll(files: ReadonlyMap<string, Uint8Array | string>): Promise<void> {
  const made: string[] = [];
  try {
    for (const [file, content] of files) {
      await makeFolders(dirname(file), made);
      await writeFile(file, content, { flag: "wx" });
      made.push(file);
    }
  } catch (error) {
    for (const path of made.reverse()) await rm(path, { recursive: true, force: true });
    const { code, path } = error as NodeJS.ErrnoException;
    const conflict = code === "EEXIST" || code === "ENOTDIR";
    throw new MocError(
      conflict ? "MOC_CONFLICT" : "MOC_DATA_UNUSABLE",
      `${path} cannot be written (${code}); nothing was created.`,
      { cause: error },
    );
  }
}

/**
 * Makes a folder with its parents and notes those that were not there. Node's recursive mkdir goes
 * round for ever in a file system that refuses folders, such as /proc.
 */
async function makeFolders(folder: string, made: string[]): Promise<void> {
  try {
    await mkdir(folder);
    made.push(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await stat(folder)).isDirectory()) return;
    const parent = dirname(folder);
    if (code !== "ENOENT" || (await isFolder(parent))) throw error;
    await makeFolders(parent, made);
    await mkdir(folder);
    made.push(folder);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}
