import { readdir, readFile, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import type { Language } from "../../devkit/manifest-shape.ts";
import type { Say } from "../say.ts";

/** One way to look at an existing folder or file. */
interface AdoptionChoice {
  readonly language: Language;
  /** Main source or artefact, relative to the folder. */
  readonly source?: string;
  /** Why it is offered, in one sentence. */
  readonly reason: string;
}

export interface Adoption extends AdoptionChoice {
  readonly name: string;
  /** Plug path. */
  readonly path: string;
}

const BY_EXTENSION: Readonly<Record<string, Language>> = {
  ".js": "javascript",
  ".mjs": "javascript",
  ".ts": "typescript",
  ".c": "c",
  ".rs": "rust",
  ".go": "go",
  ".wat": "wat",
  ".wgsl": "wgsl",
  ".glsl": "glsl",
  ".comp": "glsl",
  ".wasm": "prebuilt",
};

/** Files whose presence tells the language of a folder, most telling first. */
const MARKERS: readonly (readonly [file: string, language: Language])[] = [
  ["Cargo.toml", "rust"],
  ["go.mod", "go"],
  ["asconfig.json", "assemblyscript"],
  ["tsconfig.json", "typescript"],
];

const SOURCE_FOLDERS = ["", "src"] as const;

/** What a folder or file could be, the likeliest first; empty: nothing that we know. */
export async function adoptionChoices(path: string, say: Say): Promise<AdoptionChoice[]> {
  const info = await stat(path);
  if (!info.isDirectory()) return fileChoices(basename(path), say);
  const choices: AdoptionChoice[] = [];
  const names = new Set(await readdir(path));
  for (const [file, language] of MARKERS) {
    if (names.has(file)) choices.push({ language, reason: say("The folder holds {0}.", file) });
  }
  const main = await packageMain(path, names);
  if (main) choices.push({ ...main, reason: say("The main file of package.json.") });
  for (const folder of SOURCE_FOLDERS) {
    const inside = folder === "" ? [...names] : await readdirIfThere(join(path, folder));
    for (const name of inside.sort(byTelling)) {
      choices.push(...fileChoices(folder === "" ? name : `${folder}/${name}`, say));
    }
  }
  const site = ["", "public", "dist", "www"].find((folder) =>
    folder === "" ? names.has("index.html") : names.has(folder),
  );
  if (site !== undefined) {
    choices.push({
      language: "static-site",
      source: site || ".",
      reason: say("Serve the files as they are."),
    });
  }
  return unique(choices);
}

/** The manifest for an adopted function. */
export function adoptionManifest({ name, language, source, path }: Adoption): object {
  if (language === "static-site") {
    return { name, language, files: [{ path, dir: source ?? "." }] };
  }
  const plugs = [{ method: "*", path }];
  if (language === "prebuilt") return { name, language, artifact: source, plugs };
  return { name, language, ...(source && { source }), plugs };
}

function fileChoices(file: string, say: Say): AdoptionChoice[] {
  const language = BY_EXTENSION[extname(file).toLowerCase()];
  if (!language || /\.(test|spec|d)\.\w+$|\.config\.\w+$/.test(file)) return [];
  return [{ language, source: file, reason: say("{0} is its main file.", file) }];
}

/** index, main, handler and lib are likelier starting points than others. */
function byTelling(a: string, b: string): number {
  const rank = (name: string): number =>
    /^(index|main|handler|lib|app|server)\./.test(name) ? 0 : 1;
  return rank(a) - rank(b) || a.localeCompare(b);
}

async function packageMain(
  path: string,
  names: ReadonlySet<string>,
): Promise<Omit<AdoptionChoice, "reason"> | undefined> {
  if (!names.has("package.json")) return undefined;
  const text = await readFile(join(path, "package.json"), "utf8");
  const main: unknown = parseObject(text)?.main;
  const language = typeof main === "string" ? BY_EXTENSION[extname(main)] : undefined;
  return typeof main === "string" && language
    ? { language, source: main.replace(/^\.\//, "") }
    : undefined;
}

function parseObject(text: string): { readonly main?: unknown } | undefined {
  try {
    return JSON.parse(text) as { readonly main?: unknown };
  } catch {
    // A package.json that is no JSON tells nothing; its owner hears of it elsewhere.
    return undefined;
  }
}

async function readdirIfThere(path: string): Promise<string[]> {
  return readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
    throw error;
  });
}

function unique(choices: readonly AdoptionChoice[]): AdoptionChoice[] {
  const seen = new Set<string>();
  return choices.filter(({ language, source }) => {
    const key = `${language} ${source ?? ""}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
