import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runTool } from "../run-tool.ts";
import { findExecutables, pathWith } from "../system.ts";
import { isFile } from "./source.ts";

/** A rustc with the WebAssembly targets whose standard library it has. */
export interface RustToolchain {
  readonly rustc: string;
  readonly version: string;
  readonly targets: readonly string[];
  /** The cargo of the same release; another one may pass arguments that this rustc does not know. */
  readonly cargo?: string;
}

export const WASI_TARGETS = ["wasm32-wasip1", "wasm32-wasi"] as const;
export const BARE_TARGET = "wasm32-unknown-unknown";

let known: Promise<readonly RustToolchain[]> | undefined;

/** All Rust toolchains of this machine, in the order of the PATH; looked for once. */
export function rustToolchains(): Promise<readonly RustToolchain[]> {
  known ??= probeAll();
  return known;
}

/** The first toolchain that has one of the targets, the first target preferred. */
export function chooseTarget(
  toolchains: readonly RustToolchain[],
  targets: readonly string[],
): { readonly toolchain: RustToolchain; readonly target: string } | undefined {
  for (const target of targets) {
    const toolchain = toolchains.find((one) => one.targets.includes(target));
    if (toolchain) return { toolchain, target };
  }
  return undefined;
}

async function probeAll(): Promise<readonly RustToolchain[]> {
  const folders = [join(homedir(), ".cargo", "bin"), "/usr/bin", "/usr/local/bin"];
  const found = new Map<string, RustToolchain>();
  for (const rustc of await findExecutables("rustc", folders)) {
    const real = await realpath(rustc);
    // rustup's rustc is a link to rustup itself: its name says what to be.
    const key = real.endsWith("rustc") ? real : rustc;
    const toolchain = found.has(key) ? undefined : await probe(rustc);
    if (toolchain) found.set(key, toolchain);
  }
  return [...found.values()];
}

async function probe(rustc: string): Promise<RustToolchain | undefined> {
  const run = (args: readonly string[]) => runTool({ command: rustc, args, timeoutMs: 20_000 });
  const [sysroot, version] = [await run(["--print", "sysroot"]), await run(["--version"])];
  // rustup without a default toolchain answers with an error.
  if (sysroot.code !== 0 || version.code !== 0) return undefined;
  const release = /rustc (\S+)/.exec(version.stdout)?.[1] ?? "";
  const targets = await installedTargets(sysroot.stdout.trim());
  const cargo = await cargoOf(rustc, release);
  return { rustc, version: release, targets, ...(cargo && { cargo }) };
}

async function installedTargets(sysroot: string): Promise<readonly string[]> {
  const rustlib = join(sysroot, "lib", "rustlib");
  const targets: string[] = [];
  for (const target of [...WASI_TARGETS, BARE_TARGET]) {
    const files = await readdir(join(rustlib, target, "lib")).catch(() => []);
    if (files.some((file) => file.startsWith("libstd-"))) targets.push(target);
  }
  return targets;
}

/** The cargo beside it, if it is of the same release or gets along with it nevertheless. */
async function cargoOf(rustc: string, release: string): Promise<string | undefined> {
  const cargo = join(dirname(rustc), process.platform === "win32" ? "cargo.exe" : "cargo");
  if (!(await isFile(cargo))) return undefined;
  const { stdout } = await runTool({ command: cargo, args: ["--version"], timeoutMs: 20_000 });
  const minor = (version: string): string => version.split(".").slice(0, 2).join(".");
  const version = /cargo (\S+)/.exec(stdout)?.[1] ?? "";
  const works = minor(version) === minor(release) || (await getsAlong(cargo, rustc));
  return works ? cargo : undefined;
}

/** Distributions pair releases of their own: an empty package shows whether it works. */
async function getsAlong(cargo: string, rustc: string): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "moc-cargo-"));
  try {
    await writeFile(join(folder, "Cargo.toml"), '[package]\nname = "probe"\nversion = "0.1.0"\n');
    await mkdir(join(folder, "src"));
    await writeFile(join(folder, "src", "lib.rs"), "");
    const args = ["check", "--offline", "--quiet"];
    const env = { RUSTC: rustc, PATH: pathWith(dirname(rustc)) };
    const exit = await runTool({ command: cargo, args, cwd: folder, env, timeoutMs: 20_000 });
    return exit.code === 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
