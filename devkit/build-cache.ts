import { createHash, type Hash } from "node:crypto";
import { mkdir, readdir, readFile, rename, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, BuildResult, BuildSuccess } from "./builders/builder.ts";
import { builderFor } from "./builders/list.ts";
import type { FunctionProject } from "./manifest.ts";
import { removeUnused } from "./remove-unused.ts";

/** Languages whose compilers take seconds, and whose builds depend on the folder alone. */
const SLOW_LANGUAGES = new Set(["c", "rust", "go", "assemblyscript"]);
/** Folders that no compiler takes sources from. */
const NO_SOURCES = new Set([".git", ".moc", "node_modules", "target"]);
/** Where a source may name another outside its folder. */
const TEXT = new Set([".c", ".h", ".rs", ".go", ".ts", ".toml", ".mod", ".txt"]);
const KEPT_MS = 30 * 24 * 3600_000;

/**
 * Artefacts of earlier builds, by the content of the function's folder, the compiler and this program.
 * What may depend on anything else (a custom command, a path that leaves the folder) is built anew.
 */
export class BuildCache {
  readonly #folder: string;
  #builds = 0;
  #hits = 0;

  /** @param folder - made when something is kept */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Builds that had to be made, and those that were found. */
  get counts(): { readonly builds: number; readonly hits: number } {
    return { builds: this.#builds, hits: this.#hits };
  }

  /** @throws as Builder.build */
  async build(project: FunctionProject, options: BuildOptions): Promise<BuildResult> {
    const key = await keyOf(project);
    const found = key === undefined ? undefined : await this.#read(key);
    if (found) {
      this.#hits++;
      return found;
    }
    this.#builds++;
    const build = await builderFor(project).build(project, options);
    // Warnings are to be seen at each build.
    const keeps = build.ok && build.diagnostics.length === 0;
    if (keeps && key !== undefined) {
      await this.#write(key, build).catch((error: NodeJS.ErrnoException) => {
        // Without a cache (read-only, full) the next start builds again, that is all.
        if (error.code === undefined) throw error;
      });
    }
    return build;
  }

  /** Removes what nobody has asked for in a month. */
  prune(): Promise<void> {
    return removeUnused(this.#folder, KEPT_MS);
  }

  async #read(key: string): Promise<BuildSuccess | undefined> {
    const start = performance.now();
    const file = join(this.#folder, key);
    // What cannot be read is built again, which is all that a cache can lose.
    const bytes = await readFile(file).catch(() => undefined);
    const end = bytes?.indexOf("\n") ?? -1;
    if (!bytes || end < 0) return undefined;
    const [toolVersion = "", contentType = "", sum = ""] = bytes
      .toString("utf8", 0, end)
      .split("|");
    const artifact = new Uint8Array(bytes.subarray(end + 1));
    // Cut off by a crash or a full disk: build it.
    if (createHash("sha256").update(artifact).digest("hex") !== sum) return undefined;
    const now = new Date();
    // Where it cannot be marked as used it cannot be removed either.
    await utimes(file, now, now).catch(() => undefined);
    const durationMs = performance.now() - start;
    return { ok: true, artifact, contentType, diagnostics: [], durationMs, toolVersion };
  }

  async #write(key: string, { artifact, contentType, toolVersion }: BuildSuccess): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const sum = createHash("sha256").update(artifact).digest("hex");
    const half = join(this.#folder, `${key}.${process.pid}`);
    const head = Buffer.from(`${toolVersion}|${contentType}|${sum}\n`);
    await writeFile(half, Buffer.concat([head, artifact]));
    await rename(half, join(this.#folder, key));
  }
}

/** Everything that a build depends on; undefined where that cannot be known. */
async function keyOf(project: FunctionProject): Promise<string | undefined> {
  const { manifest, folder } = project;
  if (manifest.build || !SLOW_LANGUAGES.has(manifest.language)) return undefined;
  if ([manifest.source ?? "", ...(manifest.flags ?? [])].some((one) => one.includes("..")))
    return undefined;
  const status = await builderFor(project).check(project);
  if (!status.ok || status.onDemand) return undefined;
  const hash = createHash("sha256");
  hash.update(JSON.stringify([folder, status.tool, status.path, await ownCode()]));
  return (await addFolder(hash, folder, "")) ? hash.digest("hex") : undefined;
}

/** Adds names and contents; false when there is something whose content lies elsewhere. */
async function addFolder(hash: Hash, folder: string, path: string): Promise<boolean> {
  const entries = await readdir(join(folder, path), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inner = path === "" ? entry.name : `${path}/${entry.name}`;
    if (entry.isDirectory()) {
      if (NO_SOURCES.has(entry.name)) continue;
      if (!(await addFolder(hash, folder, inner))) return false;
      continue;
    }
    if (!entry.isFile()) return false;
    const content = await readFile(join(folder, inner));
    if (TEXT.has(extname(entry.name)) && content.includes("../")) return false;
    hash.update(`${inner}\n${content.length}\n`).update(content);
  }
  return true;
}

let code: Promise<string> | undefined;

/**
 * Identity of this program: builders of another one may build otherwise. A bundle names its other
 * parts by hashes of their content, so that its own content stands for all; a checkout is read whole.
 */
function ownCode(): Promise<string> {
  code ??= (async () => {
    const own = fileURLToPath(import.meta.url);
    const here = dirname(own);
    const isBundle = own.endsWith(".js");
    const names = isBundle ? [basename(own)] : await readdir(here, { recursive: true });
    const hash = createHash("sha256");
    for (const name of names.filter((one) => /\.(js|ts|json)$/.test(one)).sort()) {
      hash.update(name).update(await readFile(join(here, name)));
    }
    return hash.digest("hex");
  })();
  return code;
}
