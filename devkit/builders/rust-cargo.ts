import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { FunctionProject } from "../manifest.ts";
import { runTool } from "../run-tool.ts";
import { pathWith } from "../system.ts";
import type { BuildOptions, BuildResult } from "./builder.ts";
import { jsonLines } from "./json-lines.ts";
import { rustDiagnostics, rustOutput } from "./rust-diagnostics.ts";
import type { RustToolchain } from "./rust-toolchain.ts";
import { readOutput } from "./temporary-folder.ts";
import { failure, outputOf, toolchainMissing } from "./tool-result.ts";

/** What to build with which compiler. */
export interface RustJob {
  readonly project: FunctionProject;
  readonly toolchain: RustToolchain;
  readonly target: string;
  /** It becomes a reactor. */
  readonly direct: boolean;
  readonly options: BuildOptions;
}

/** Builds the package in the project's folder; what it makes is found in cargo's own messages. */
export async function buildWithCargo(job: RustJob): Promise<BuildResult> {
  const { project, toolchain, target, options } = job;
  const { cargo, rustc, version } = toolchain;
  if (!cargo) {
    throw toolchainMissing({
      ok: false,
      tool: "cargo",
      missing: `${rustc} (${version}) has the target ${target}, but there is no cargo beside it that gets along with it.`,
      install: `sudo apt install cargo\nor: rustup target add ${target}`,
    });
  }
  const exit = await runTool({
    command: cargo,
    args: [
      "build",
      ...(options.debug ? [] : ["--release"]),
      "--target",
      target,
      "--message-format=json",
      ...(project.manifest.flags ?? []),
    ],
    cwd: project.folder,
    env: { RUSTC: rustc, PATH: pathWith(dirname(rustc)) },
    signal: options.signal,
    timeoutMs: options.timeoutMs,
    onLine: (line) => {
      if (/^\s*(Compiling|Downloading|Updating)/.test(line)) options.onProgress?.(line.trim());
    },
  });
  const cargoFile = join(project.folder, "Cargo.toml");
  const toolVersion = `cargo with rustc ${version} (${target})`;
  const diagnostics = rustDiagnostics(exit.stdout, project.folder, cargoFile);
  const { durationMs } = exit;
  const file = exit.code === 0 ? lastModule(exit.stdout) : undefined;
  if (file === undefined) {
    const output =
      exit.code === 0
        ? `cargo made no .wasm file: add crate-type = ["cdylib"] below [lib] in Cargo.toml, or a src/main.rs with mode posix`
        : rustOutput(outputOf(exit));
    return failure({ diagnostics, durationMs, toolVersion, output, file: cargoFile });
  }
  const artifact = readOutput(file);
  const contentType = "application/wasm";
  return { ok: true, artifact, contentType, diagnostics, durationMs, toolVersion };
}

/** Whether a package needs crates, so that only cargo can build it. */
export async function hasDependencies(cargoFile: string): Promise<boolean> {
  const text = await readFile(cargoFile, "utf8").catch(() => "");
  const section = /^\[(?:target\..+\.)?(?:build-)?dependencies\]([^[]*)/gm;
  const named = /^\[(?:build-)?dependencies\.[^\]]+\]/m.test(text);
  return (
    named || [...text.matchAll(section)].some(([, body]) => /^\s*[\w"-]+\s*=/m.test(body ?? ""))
  );
}

function lastModule(stdout: string): string | undefined {
  let found: string | undefined;
  for (const line of jsonLines(stdout)) {
    if (line.reason !== "compiler-artifact" || !Array.isArray(line.filenames)) continue;
    found = line.filenames.find((name) => String(name).endsWith(".wasm")) ?? found;
  }
  return found;
}
