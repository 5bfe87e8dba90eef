/**
 * Packages the extension: a VSIX for a platform with its native modules, and a universal one without
 * them, which does no GPU work. Each is looked through, its size printed; what is wrong with it is
 * an error. Without arguments: the one of this machine and the universal one. `--target NAME`: that
 * platform's, or `universal` (again for more); `--all`: all; `--platform-only`: only this machine's; `--out DIR`.
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
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createVSIX } from "@vscode/vsce";
import { buildExtension } from "../extension/build.ts";
import { buildAll, ROOT } from "./build.ts";
import { checkPackage } from "./check-package.ts";
import { fetchForeignPackage } from "./foreign-package.ts";
import {
  BUDGET_BYTES,
  esbuildPackage,
  isNative,
  isTarget,
  nativeFiles,
  TARGETS,
  type Target,
} from "./package-targets.ts";

const MIB = 1024 * 1024;
const UNIVERSAL = "universal";

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

interface Packaged {
  readonly file: string;
  readonly bytes: number;
}

/** Target name of the machine that runs this, as the editor spells it. */
export function hostTarget(): string {
  const platform = process.platform === "linux" && isMusl() ? "alpine" : process.platform;
  return `${platform}-${process.arch === "arm" ? "armhf" : process.arch}`;
}

/** Builds, stages and packages; `target` absent: the universal package. */
export async function packageExtension(out: string, target?: Target): Promise<Packaged> {
  return packBuilt(out, await buildForPackage(), target);
}

/** Builds everything; answers when that began, in ms. */
async function buildForPackage(): Promise<number> {
  const start = Date.now();
  await buildAll();
  await buildExtension({ production: true });
  return start;
}

/** @param start what is older in dist is of earlier builds, in ms */
async function packBuilt(out: string, start: number, target?: Target): Promise<Packaged> {
  const stage = await mkdtemp(join(tmpdir(), "moc-package-"));
  try {
    for (const source of SOURCES) {
      if (!existsSync(ROOT + source)) continue;
      const filter = { dist: madeSince(start), templates: isOfTemplate }[source as string];
      await cp(ROOT + source, join(stage, source), { recursive: true, ...(filter && { filter }) });
    }
    const names = target ? [...PLAIN_PACKAGES, ...PLATFORM_PACKAGES] : PLAIN_PACKAGES;
    const packages = new Map<string, string>();
    for (const name of names) await stagePackage(name, stage, packages);
    if (target) await stageNatives(stage, target, packages);
    await writeManifest(stage, packages);
    await mkdir(out, { recursive: true });
    const { version } = JSON.parse(await readFile(`${ROOT}package.json`, "utf8"));
    const file = join(out, `my-own-cluster-${target ?? UNIVERSAL}-${version}.vsix`);
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
    const wrong = await checkPackage(making, target);
    if (wrong.length > 0) {
      await rm(making);
      throw new Error(`the package for ${target ?? "all platforms"} is wrong: ${wrong.join("; ")}`);
    }
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

/** The tests of the templates lie beside them; what was installed to try one is not part of it. */
function isOfTemplate(path: string): boolean {
  const inside = relative(`${ROOT}templates`, path);
  return !/^[^/\\]+\.(ts|json)$|(^|[/\\])node_modules$/.test(inside);
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

/** Native files of other platforms go; those of the target that npm did not install are fetched. */
async function stageNatives(
  stage: string,
  target: Target,
  packages: Map<string, string>,
): Promise<void> {
  const modules = join(stage, "node_modules");
  const compiler = esbuildPackage(target);
  const installed = join(modules, compiler);
  if (!existsSync(installed)) {
    await fetchForeignPackage(compiler, `${ROOT}package-lock.json`, installed);
    const { version } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
    packages.set(compiler, version);
  }
  const wanted = new Set(nativeFiles(target).map((name) => join(modules, name)));
  const entries = await readdir(modules, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const isLeft = entry.isFile() && isNative(path) && !wanted.has(path);
    if (isLeft) await rm(path);
  }
  for (const name of [...packages.keys()].filter((one) => one.startsWith("@esbuild/"))) {
    if (name === compiler) continue;
    packages.delete(name);
    await rm(join(modules, name), { recursive: true });
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

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      target: { type: "string", multiple: true },
      all: { type: "boolean", default: false },
      "platform-only": { type: "boolean", default: false },
      out: { type: "string", default: join(ROOT, "artifacts") },
    },
  });
  const start = await buildForPackage();
  for (const target of targetsOf(values)) {
    const { file, bytes } = await packBuilt(values.out, start, target);
    const budget = BUDGET_BYTES[target ? "platform" : "universal"] / MIB;
    console.log(`${file}: ${(bytes / MIB).toFixed(1)} MiB (at most ${budget})`);
  }
}

/** Undefined stands for the universal package. */
function targetsOf(given: {
  readonly target?: readonly string[];
  readonly all: boolean;
  readonly "platform-only": boolean;
}): readonly (Target | undefined)[] {
  if (given.all) return [...TARGETS, undefined];
  if (given.target) {
    return given.target.map((name) => (name === UNIVERSAL ? undefined : targetNamed(name)));
  }
  const own = hostTarget();
  if (given["platform-only"]) return [targetNamed(own)];
  return isTarget(own) ? [own, undefined] : [undefined];
}

function targetNamed(name: string): Target {
  if (isTarget(name)) return name;
  const known = TARGETS.join(", ");
  throw new Error(`there is no package for ${name}, only the universal one; there are ${known}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
