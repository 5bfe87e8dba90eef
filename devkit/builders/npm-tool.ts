import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
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
  /** What it takes on the disk with all that it depends on, roughly; for the progress. */
  readonly megabytes: number;
}

const ENTRIES: Readonly<Record<NpmTool, ToolEntry>> = {
  "@yowasp/clang": { entry: "gen/bundle.js", megabytes: 105 },
  assemblyscript: { entry: "dist/asc.js", megabytes: 25 },
  esbuild: { entry: "lib/main.js", megabytes: 10 },
  wabt: { entry: "index.js", megabytes: 5 },
};

/** One more attempt, soon: who waits for a compiler wants to know that there is no network. */
const NPM_ARGUMENTS = [
  ...["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
  ...["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"],
];
const FETCH_TIMEOUT_MS = 900_000;
const PROGRESS_MS = 500;

interface FoundTool {
  /** Import this. */
  readonly url: string;
  readonly version: string;
}

const found = new Map<NpmTool, FoundTool>();

/** The tool if it is on this machine already: beside us, or in the cache. */
export async function findNpmTool(tool: NpmTool): Promise<FoundTool | undefined> {
  const known = found.get(tool) ?? (await lookFor(tool));
  if (known) found.set(tool, known);
  return known;
}

async function lookFor(tool: NpmTool): Promise<FoundTool | undefined> {
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
  const here = (await findNpmTool(tool)) ?? (await installInTurn(tool, options));
  if (!here) throw new MocError("MOC_TOOLCHAIN_MISSING", `${tool} was fetched but is not there.`);
  return here;
}

/** Whether npm is at hand to fetch what is missing. */
export async function npmExecutable(): Promise<string | undefined> {
  const [npm] = await findExecutables("npm", [dirname(process.execPath)]);
  return npm;
}

const installing = new Map<NpmTool, Promise<unknown>>();

/** Several builds that need the same tool fetch it once; each may be cancelled by itself. */
async function installInTurn(tool: NpmTool, options: BuildOptions): Promise<FoundTool | undefined> {
  const before = installing.get(tool);
  const mine = (async () => {
    if (before) options.onProgress?.(`Waiting for ${tool}, which is being fetched`);
    await before?.catch(() => undefined);
    return (before && (await findNpmTool(tool))) ?? (await install(tool, options));
  })();
  installing.set(tool, mine);
  try {
    return await mine;
  } finally {
    if (installing.get(tool) === mine) installing.delete(tool);
  }
}

async function install(tool: NpmTool, options: BuildOptions): Promise<FoundTool | undefined> {
  const npm = await npmExecutable();
  const version = lockedVersion(tool);
  if (!npm) {
    throw new MocError(
      "MOC_TOOLCHAIN_MISSING",
      `${tool} ${version} is not installed, and there is no npm to fetch it: install Node.js with npm.`,
    );
  }
  const final = toolFolder(tool);
  await mkdir(dirname(final), { recursive: true });
  const folder = await mkdtemp(`${final}-`);
  const told = tellProgress(tool, folder, options);
  try {
    const lock = locks[tool];
    await writeFile(join(folder, "package.json"), JSON.stringify(lock.packages[""]));
    await writeFile(join(folder, "package-lock.json"), JSON.stringify(lock));
    await runNpm(npm, tool, folder, options);
    await moveInto(folder, final);
  } finally {
    clearInterval(told);
    await rm(folder, { recursive: true, force: true });
  }
  return findNpmTool(tool);
}

async function runNpm(
  npm: string,
  tool: NpmTool,
  cwd: string,
  { signal }: BuildOptions,
): Promise<void> {
  const shell = process.platform === "win32";
  const exit = await runTool({
    command: shell ? `"${npm}" ${NPM_ARGUMENTS.join(" ")}` : npm,
    args: shell ? [] : NPM_ARGUMENTS,
    shell,
    cwd,
    signal,
    timeoutMs: FETCH_TIMEOUT_MS,
  });
  if (exit.code !== 0) throw fetchFailed(tool, exit.stderr);
}

/** npm says nothing on its way: what has arrived in its folder does. */
function tellProgress(
  tool: NpmTool,
  folder: string,
  { onProgress }: BuildOptions,
): NodeJS.Timeout | undefined {
  if (!onProgress) return undefined;
  const { megabytes } = ENTRIES[tool];
  const what = `Fetching ${tool} ${lockedVersion(tool)} (about ${megabytes} MB), once`;
  onProgress(what, 0);
  const look = async (): Promise<void> => {
    const fraction = Math.min(0.99, (await sizeOf(folder)) / (megabytes * 1_000_000));
    onProgress(`${what}: ${Math.round(fraction * 100)} %`, fraction);
  };
  return setInterval(() => void look(), PROGRESS_MS);
}

/** Bytes of all files below a folder, of those that are still there when looked at. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = entries.map((name) =>
    stat(join(folder, name)).then(
      (facts) => (facts.isFile() ? facts.size : 0),
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
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

function fetchFailed(tool: NpmTool, stderr: string): MocError {
  const lines = stderr.split("\n").map((line) => line.replace(/^npm (?:error|ERR!) ?/, "").trim());
  const code = lines.map((line) => /^code (\S+)/.exec(line)?.[1]).find((one) => one !== undefined);
  const said = lines.find((line) => / failed|sum |not found|No match/i.test(line)) ?? lines[0];
  const advice = NETWORK_CODES.has(code ?? "")
    ? "connect to the network, or see npm's settings for its registry and proxies"
    : "try again, and see npm's settings if it fails again";
  return new MocError(
    "MOC_TOOLCHAIN_MISSING",
    `${tool} ${lockedVersion(tool)} could not be fetched by npm: ${said || "it gave no reason"} (${code ?? "no code"}). To go on, ${advice}.`,
  );
}

/** What npm's errors are when there is no way to its registry. */
const NETWORK_CODES = new Set([
  ...["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH"],
  ...["EHOSTUNREACH", "ERR_SOCKET_TIMEOUT", "ENOTCACHED"],
]);

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
