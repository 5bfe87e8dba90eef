import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { runTool } from "../run-tool.ts";
import { findExecutables } from "../system.ts";

/** An installed clang that can make WebAssembly with a C library. */
export interface NativeClang {
  readonly path: string;
  readonly version: string;
  /** Arguments that choose target and C library. */
  readonly targetArguments: readonly string[];
}

const FURTHER_FOLDERS = [
  "/opt/wasi-sdk/bin",
  "/opt/homebrew/opt/llvm/bin",
  "/usr/local/opt/llvm/bin",
];
const SYSROOTS = [
  "/usr/share/wasi-sysroot",
  "/opt/homebrew/share/wasi-sysroot",
  "/usr/local/share/wasi-sysroot",
];
const PROBE = "#include <stdlib.h>\nint main(void) { return malloc(1) == 0; }\n";

/**
 * PATH for clang, which runs any `wasm-opt` that it finds there: the one that npm packages bring
 * along takes seconds, and npm scripts have it on their PATH.
 */
export function pathWithoutPackages(path = process.env.PATH ?? ""): string {
  const folders = path.split(delimiter);
  return folders.filter((folder) => !/node_modules[\\/]\.bin[\\/]?$/.test(folder)).join(delimiter);
}

let known: Promise<NativeClang | undefined> | undefined;

/** The first clang that compiles and links a small program for WASI; looked for once. */
export function findNativeClang(): Promise<NativeClang | undefined> {
  known ??= probeAll();
  return known;
}

async function probeAll(): Promise<NativeClang | undefined> {
  const sdk = process.env.WASI_SDK_PATH;
  const folders = [...(sdk ? [join(sdk, "bin")] : []), ...FURTHER_FOLDERS];
  const folder = await mkdtemp(join(tmpdir(), "moc-clang-"));
  try {
    await writeFile(join(folder, "probe.c"), PROBE);
    for (const path of await findExecutables("clang", folders)) {
      const found = await probe(path, folder);
      if (found) return found;
    }
    return undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function probe(path: string, folder: string): Promise<NativeClang | undefined> {
  const sysroots = [join(dirname(path), "..", "share", "wasi-sysroot"), ...SYSROOTS];
  const choices = [[], ...sysroots.map((sysroot) => [`--sysroot=${sysroot}`])];
  for (const choice of choices) {
    const targetArguments = ["--target=wasm32-wasi", ...choice];
    const args = [...targetArguments, "probe.c", "-o", "probe.wasm"];
    const exit = await runTool({ command: path, args, cwd: folder, timeoutMs: 20_000 });
    if (exit.code !== 0) continue;
    const bytes = await readFile(join(folder, "probe.wasm"));
    if (bytes.length > 8) return { path, version: await versionOf(path), targetArguments };
  }
  return undefined;
}

async function versionOf(path: string): Promise<string> {
  const { stdout } = await runTool({ command: path, args: ["--version"], timeoutMs: 20_000 });
  return /clang version (\S+)/.exec(stdout)?.[1] ?? "of unknown version";
}
