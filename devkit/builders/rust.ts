import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { FunctionProject } from "../manifest.ts";
import { runTool } from "../run-tool.ts";
import { installHint, pathWith } from "../system.ts";
import type { Builder, BuildResult, ToolchainStatus } from "./builder.ts";
import { isDirect } from "./entered-by.ts";
import { buildWithCargo, hasDependencies, type RustJob } from "./rust-cargo.ts";
import { rustDiagnostics, rustOutput } from "./rust-diagnostics.ts";
import { BARE_TARGET, chooseTarget, rustToolchains, WASI_TARGETS } from "./rust-toolchain.ts";
import { isFile, mainSource } from "./source.ts";
import { inTemporaryFolder, readOutput } from "./temporary-folder.ts";
import { failure, outputOf, toolchainMissing } from "./tool-result.ts";

const BIN_SOURCES = ["src/main.rs", "main.rs"];
const LIB_SOURCES = ["src/lib.rs", "lib.rs"];

/** Rust by the installed toolchain that has a WebAssembly target: rustc, or cargo with a Cargo.toml. */
export const rust: Builder = {
  language: "rust",
  defaultSources: [...LIB_SOURCES, ...BIN_SOURCES],
  check,
  async build(project, options = {}) {
    const direct = await isReactor(project);
    const choice = chooseTarget(await rustToolchains(), wantedTargets(direct));
    if (!choice) throw toolchainMissing(await missing(direct));
    const job: RustJob = { project, ...choice, direct, options };
    const cargoFile = join(project.folder, "Cargo.toml");
    const { compiler } = project.manifest;
    const wantsCargo =
      compiler === "cargo" || (compiler === undefined && (await isFile(cargoFile)));
    // Without dependencies rustc makes the same of it, and needs no cargo of its own release.
    if (wantsCargo && (choice.toolchain.cargo || (await hasDependencies(cargoFile)))) {
      return buildWithCargo(job);
    }
    return buildWithRustc(job);
  },
};

async function check(project?: FunctionProject): Promise<ToolchainStatus> {
  const direct = project !== undefined && (await isReactor(project));
  const targets = project ? wantedTargets(direct) : [...WASI_TARGETS, BARE_TARGET];
  const choice = chooseTarget(await rustToolchains(), targets);
  if (!choice) return missing(direct);
  const { toolchain, target } = choice;
  return { ok: true, tool: `rustc ${toolchain.version} (${target})`, path: toolchain.rustc };
}

function wantedTargets(direct: boolean): readonly string[] {
  return direct ? [BARE_TARGET, ...WASI_TARGETS] : WASI_TARGETS;
}

/** Where the manifest does not say, it is what its main source, or the library of its package, is. */
async function isReactor(project: FunctionProject): Promise<boolean> {
  const cargo = await readFile(join(project.folder, "Cargo.toml"), "utf8").catch(() => undefined);
  const hasLibrary = cargo === undefined || cargo.includes("cdylib");
  const sources = hasLibrary ? [...LIB_SOURCES, ...BIN_SOURCES] : [...BIN_SOURCES, ...LIB_SOURCES];
  // Cargo.toml may name other files; and what is nowhere is told by the build.
  const source = await mainSource(project, sources).catch(() => undefined);
  return isDirect(project, source);
}

/** What a toolchain that is there lacks, in rustc's words; undefined when the source is wrong. */
function lackingPart(output: string): string | undefined {
  return /linker `[^`]*` not found|can't find crate for `(?:core|std)`/.exec(output)?.[0];
}

/**
 * @param direct - a reactor was to be built
 * @param lacking - what was found out in a build; default: the target
 */
async function missing(
  direct: boolean,
  lacking?: string,
): Promise<ToolchainStatus & { ok: false }> {
  const toolchains = await rustToolchains();
  const target = direct ? BARE_TARGET : WASI_TARGETS[0];
  const [first] = toolchains;
  const has = first
    ? `rustc ${first.version} is here, but not its target ${target}.`
    : "Rust is not installed.";
  const rustup = first ? "" : "curl --proto =https --tlsv1.2 -sSf https://sh.rustup.rs | sh\n";
  return {
    ok: false,
    tool: "rustc",
    missing: lacking ?? has,
    install: await installHint({
      debian: `${rustup}rustup target add ${target}\nor: sudo apt install rustc libstd-rust-dev-wasm32 lld`,
      fedora: `sudo dnf install rust rust-std-static-${target}`,
      arch: "sudo pacman -S rust rust-wasm",
      macos: `brew install rustup && rustup default stable\nrustup target add ${target}`,
      windows: `winget install Rustlang.Rustup\nrustup target add ${target}`,
      other: `${rustup}rustup target add ${target}`,
    }),
  };
}

async function buildWithRustc(job: RustJob): Promise<BuildResult> {
  const { project, toolchain, target, direct, options } = job;
  const defaults = direct ? [...LIB_SOURCES, ...BIN_SOURCES] : [...BIN_SOURCES, ...LIB_SOURCES];
  const source = await mainSource(project, defaults);
  return inTemporaryFolder("moc-rust-", async (temporary) => {
    const output = join(temporary, "function.wasm");
    const exit = await runTool({
      command: toolchain.rustc,
      args: rustcArguments(job, { source, output }),
      cwd: project.folder,
      env: { PATH: pathWith(dirname(toolchain.rustc)) },
      signal: options.signal,
      timeoutMs: options.timeoutMs,
    });
    const toolVersion = `rustc ${toolchain.version} (${target})`;
    const diagnostics = rustDiagnostics(exit.stderr, project.folder, source);
    const { durationMs } = exit;
    if (exit.code !== 0) {
      const text = rustOutput(outputOf(exit));
      const lacking = lackingPart(text);
      if (lacking) throw toolchainMissing(await missing(direct, `${toolVersion}: ${lacking}.`));
      return failure({ diagnostics, durationMs, toolVersion, output: text, file: source });
    }
    const artifact = readOutput(output);
    const contentType = "application/wasm";
    return { ok: true, artifact, contentType, diagnostics, durationMs, toolVersion };
  });
}

function rustcArguments(
  { project, target, direct, options: { debug = false } }: RustJob,
  { source, output }: { readonly source: string; readonly output: string },
): readonly string[] {
  return [
    "--edition=2021",
    "--crate-name",
    project.manifest.name.replaceAll(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_"),
    "--crate-type",
    direct ? "cdylib" : "bin",
    "--target",
    target,
    "--error-format=json",
    "-Cpanic=abort",
    ...(debug ? [] : ["-Copt-level=s", "-Cstrip=debuginfo"]),
    ...(project.manifest.flags ?? []),
    ...(debug ? ["-Copt-level=0", "-Cdebuginfo=2"] : []),
    "-o",
    output,
    source,
  ];
}
