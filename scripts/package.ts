/**
 * Packages the extension: one VSIX for this platform with its native modules, and a universal one
 * without them, which degrades. Prints their sizes and fails when one is over its budget.
 * `--platform-only` makes only the first; `--out DIR` says where to.
 */
import { existsSync } from "node:fs";
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createVSIX } from "@vscode/vsce";
import { buildExtension } from "../extension/build.ts";
import { buildAll, ROOT } from "./build.ts";

const MIB = 1024 * 1024;
const BUDGET_MIB = { universal: 15, platform: 60 } as const;

/** Packages that run as files of their own; the platform's package also has those with native code. */
const PLAIN_PACKAGES = [
  "classic-level",
  "naga-wasm",
  "@webgpu/glslang",
  "@jitl/quickjs-wasmfile-release-sync",
] as const;
const PLATFORM_PACKAGES = ["webgpu", "esbuild"] as const;

/** Folders and files of the checkout that a package is made of; .vscodeignore has the last word. */
const SOURCES = [
  "package.json",
  "package.nls.json",
  ".vscodeignore",
  "README.md",
  "CHANGELOG.md",
  "LICENSE",
  "docs/pictures",
  "dist",
  "l10n",
  "schemas",
  "templates",
  "extension/media",
  "extension/snippets",
  "extension/languages",
] as const;

export interface Packaged {
  readonly file: string;
  readonly bytes: number;
}

/** Target name of the machine that runs this, as the editor spells it. */
export function hostTarget(): string {
  const platform = process.platform === "linux" && isMusl() ? "alpine" : process.platform;
  return `${platform}-${process.arch === "arm" ? "armhf" : process.arch}`;
}

/** Builds, stages and packages; `target` absent: the universal package. */
export async function packageExtension(out: string, target?: string): Promise<Packaged> {
  const start = Date.now();
  await buildAll();
  await buildExtension({ production: true });
  const stage = await mkdtemp(join(tmpdir(), "moc-package-"));
  try {
    for (const source of SOURCES) {
      if (!existsSync(ROOT + source)) continue;
      const filter = source === "dist" ? madeSince(start) : () => true;
      await cp(ROOT + source, join(stage, source), { recursive: true, filter });
    }
    const names = target ? [...PLAIN_PACKAGES, ...PLATFORM_PACKAGES] : PLAIN_PACKAGES;
    const packages = new Map<string, string>();
    for (const name of names) await stagePackage(name, stage, packages);
    await trimNatives(stage, target);
    await writeManifest(stage, packages);
    await mkdir(out, { recursive: true });
    const { version } = JSON.parse(await readFile(`${ROOT}package.json`, "utf8"));
    const file = join(out, `my-own-cluster-${target ?? "universal"}-${version}.vsix`);
    // Renamed when whole: somebody may be installing the last one.
    const making = `${file}.${process.pid}`;
    await createVSIX({
      cwd: stage,
      packagePath: making,
      ...(target && { target }),
      allowMissingRepository: true,
      // There is no public repository yet that links could lead to.
      rewriteRelativeLinks: false,
      skipLicense: !existsSync(`${ROOT}LICENSE`),
      dependencies: true,
    });
    await rename(making, file);
    return { file, bytes: (await stat(file)).size };
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** Leaves out what earlier builds left in dist: chunks carry a hash in their name. */
function madeSince(start: number): (path: string) => Promise<boolean> {
  return async (path) => {
    if (path.endsWith(".map")) return false;
    const info = await stat(path);
    return info.isDirectory() || info.mtimeMs >= start;
  };
}

/** Copies a package and what it depends on. */
async function stagePackage(
  name: string,
  stage: string,
  packages: Map<string, string>,
): Promise<void> {
  if (packages.has(name)) return;
  const source = join(ROOT, "node_modules", name);
  const manifest = JSON.parse(await readFile(join(source, "package.json"), "utf8"));
  packages.set(name, manifest.version);
  const target = join(stage, "node_modules", name);
  await mkdir(dirname(target), { recursive: true });
  await cp(source, target, {
    recursive: true,
    filter: (path) =>
      !/\.(map|md|cc|h|gyp|mts|cts)$|\/(deps|test|docs)$/.test(path.slice(source.length)),
  });
  // Optional ones are the binaries of this platform: npm installed only those.
  const optional = Object.keys(manifest.optionalDependencies ?? {}).filter((dependency) =>
    existsSync(join(ROOT, "node_modules", dependency)),
  );
  for (const dependency of [...Object.keys(manifest.dependencies ?? {}), ...optional]) {
    await stagePackage(dependency, stage, packages);
  }
}

/** Native files of other platforms go; a universal package keeps only the small ones. */
async function trimNatives(stage: string, target: string | undefined): Promise<void> {
  if (target === undefined) return;
  // A copy of the binary that is in the platform's own package.
  await rm(join(stage, "node_modules", "esbuild", "bin"), { recursive: true, force: true });
  const [platform = "", arch = ""] = target.split("-");
  const node = platform === "alpine" ? "linux" : platform;
  const keep = (name: string): boolean =>
    name.startsWith(`${node}-`) && (name.includes(arch) || name.includes("universal"));
  for (const folder of ["classic-level/prebuilds", "webgpu/dist"]) {
    const path = join(stage, "node_modules", folder);
    for (const name of await readdir(path)) {
      if (!keep(name)) await rm(join(path, name), { recursive: true });
    }
  }
}

/** The packaged manifest names exactly what is in node_modules, and no scripts of the checkout. */
async function writeManifest(stage: string, packages: ReadonlyMap<string, string>): Promise<void> {
  const file = join(stage, "package.json");
  const manifest = JSON.parse(await readFile(file, "utf8"));
  const {
    scripts: _,
    devDependencies: __,
    allowScripts: ___,
    private: ____,
    bin: _____,
    ...kept
  } = manifest;
  const written = { ...kept, dependencies: Object.fromEntries(packages) };
  await writeFile(file, `${JSON.stringify(written, null, 2)}\n`);
}

function isMusl(): boolean {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime === undefined;
}

async function main(args: readonly string[]): Promise<void> {
  const at = args.indexOf("--out");
  const out = at >= 0 ? (args[at + 1] ?? "artifacts") : join(ROOT, "artifacts");
  const targets = [hostTarget(), ...(args.includes("--platform-only") ? [] : [undefined])];
  for (const target of targets) {
    const { file, bytes } = await packageExtension(out, target);
    const budget = BUDGET_MIB[target ? "platform" : "universal"];
    console.log(`${file}: ${(bytes / MIB).toFixed(1)} MiB (at most ${budget})`);
    if (bytes > budget * MIB) process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
