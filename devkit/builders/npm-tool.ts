import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { MocError } from "../../runtime/protocol/errors.ts";
import { cacheFolder } from "../cache-folder.ts";
import { runTool } from "../run-tool.ts";
import { findExecutables } from "../system.ts";
import type { BuildOptions } from "./builder.ts";
import locks from "./npm-tools.json" with { type: "json" };
import type { NpmTool } from "./npm-tools-lock.ts";
import { isFile } from "./source.ts";

interface ToolEntry {
  /** Path of the module to import, inside the package. */
  readonly entry: string;
  /** What the user waits for, when it has to be fetched. */
  readonly size: string;
}

const ENTRIES: Readonly<Record<NpmTool, ToolEntry>> = {
  "@yowasp/clang": { entry: "gen/bundle.js", size: "about 105 MB" },
  assemblyscript: { entry: "dist/asc.js", size: "about 25 MB" },
  esbuild: { entry: "lib/main.js", size: "about 10 MB" },
  wabt: { entry: "index.js", size: "about 5 MB" },
};

export interface FoundTool {
  /** Import this. */
  readonly url: string;
  readonly version: string;
}

/** The tool if it is on this machine already: beside us, or in the cache. */
export async function findNpmTool(tool: NpmTool): Promise<FoundTool | undefined> {
  const manifests = [
    ownPackage(tool),
    join(toolFolder(tool), "node_modules", tool, "package.json"),
  ];
  for (const manifest of manifests) {
    if (manifest === undefined || !(await isFile(manifest))) continue;
    const { version } = JSON.parse(await readFile(manifest, "utf8")) as { version: string };
    const url = pathToFileURL(join(dirname(manifest), ENTRIES[tool].entry)).href;
    return { url, version };
  }
  return undefined;
}

/**
 * The tool, fetched by npm at a pinned version and integrity when it is not here yet.
 * @throws MocError MOC_TOOLCHAIN_MISSING, MOC_CANCELLED
 */
export async function npmTool(tool: NpmTool, options: BuildOptions = {}): Promise<FoundTool> {
  const found = (await findNpmTool(tool)) ?? (await install(tool, options));
  if (!found) throw new MocError("MOC_TOOLCHAIN_MISSING", `${tool} was fetched but is not there.`);
  return found;
}

/** Whether npm is at hand to fetch what is missing. */
export async function npmExecutable(): Promise<string | undefined> {
  const [npm] = await findExecutables("npm", [dirname(process.execPath)]);
  return npm;
}

async function install(tool: NpmTool, options: BuildOptions): Promise<FoundTool | undefined> {
  const npm = await npmExecutable();
  const { version, size } = { version: lockedVersion(tool), size: ENTRIES[tool].size };
  if (!npm) {
    throw new MocError(
      "MOC_TOOLCHAIN_MISSING",
      `${tool} ${version} is not installed, and there is no npm to fetch it: install Node.js with npm.`,
    );
  }
  options.onProgress?.(`Fetching ${tool} ${version} (${size}), once`);
  const final = toolFolder(tool);
  await mkdir(dirname(final), { recursive: true });
  const folder = await mkdtemp(`${final}-`);
  try {
    const lock = locks[tool];
    await writeFile(join(folder, "package.json"), JSON.stringify(lock.packages[""]));
    await writeFile(join(folder, "package-lock.json"), JSON.stringify(lock));
    const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    const { signal } = options;
    const shell = process.platform === "win32";
    const run = shell
      ? { command: `"${npm}" ${args.join(" ")}`, args: [], shell }
      : { command: npm, args };
    const exit = await runTool({ ...run, cwd: folder, signal, timeoutMs: 900_000 });
    if (exit.code !== 0) throw fetchFailed(tool, version, exit.stderr);
    await moveInto(folder, final);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return findNpmTool(tool);
}

async function moveInto(folder: string, final: string): Promise<void> {
  try {
    await rename(folder, final);
  } catch (error) {
    // Another build fetched the same version meanwhile: one is as good as the other.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "EPERM") throw error;
  }
}

function fetchFailed(tool: string, version: string, stderr: string): MocError {
  const reason = stderr.trim().split("\n").slice(0, 3).join(" ");
  return new MocError(
    "MOC_TOOLCHAIN_MISSING",
    `${tool} ${version} could not be fetched by npm: ${reason || "npm gave no reason"}.`,
  );
}

function lockedVersion(tool: NpmTool): string {
  const { dependencies } = locks[tool].packages[""];
  return Object.values(dependencies)[0] ?? "";
}

function toolFolder(tool: NpmTool): string {
  return join(cacheFolder(), "tools", `${tool.replace("/", "+")}@${lockedVersion(tool)}`);
}

/** Path of the package.json of a tool that is installed beside us; undefined if it is not. */
function ownPackage(tool: NpmTool): string | undefined {
  const folders = createRequire(import.meta.url).resolve.paths(tool) ?? [];
  const [folder] = folders.filter((one) => findsPackage(one, tool));
  return folder === undefined ? undefined : join(folder, tool, "package.json");
}

function findsPackage(folder: string, tool: NpmTool): boolean {
  return existsSync(join(folder, tool, "package.json"));
}
