import { readdir, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { FunctionProject } from "../manifest.ts";
import { runTool } from "../run-tool.ts";
import { findExecutables, installHint } from "../system.ts";
import type { Builder, BuildResult, ToolchainStatus } from "./builder.ts";
import { isDirect } from "./entered-by.ts";
import { goDiagnostics, goOutput } from "./go-diagnostics.ts";
import { isFile, mainSource } from "./source.ts";
import { inTemporaryFolder, readOutput } from "./temporary-folder.ts";
import { failure, outputOf, toolchainMissing } from "./tool-result.ts";

const DEFAULT_SOURCES = ["main.go", "src/main.go"];
const GO_FOLDERS = ["/usr/local/go/bin", "/opt/homebrew/bin", "/snap/bin", "/usr/lib/go/bin"];
/** `//go:wasmexport` and reactors came with it. */
const MINOR_NEEDED = 24;

interface GoTool {
  readonly name: "go" | "tinygo";
  readonly path: string;
  readonly version: string;
}

/** Go by its own compiler (1.24 or newer), or by TinyGo where the manifest asks for it. */
export const go: Builder = {
  language: "go",
  defaultSources: DEFAULT_SOURCES,
  check,
  async build(project, options = {}) {
    const name = toolName(project);
    const tool = await findTool(name);
    if (!tool) throw toolchainMissing(await missing(name));
    const main = await mainSource(project, DEFAULT_SOURCES);
    return inTemporaryFolder("moc-go-", async (temporary) => {
      const output = join(temporary, "function.wasm");
      const exit = await runTool({
        command: tool.path,
        args: await buildArguments(tool, project, { main, output }, options.debug),
        cwd: project.folder,
        // TinyGo takes its target from an argument alone.
        env: tool.name === "go" ? { GOOS: "wasip1", GOARCH: "wasm" } : {},
        signal: options.signal,
        timeoutMs: options.timeoutMs,
      });
      const text = outputOf(exit);
      const diagnostics = goDiagnostics(text, project.folder);
      const facts = {
        diagnostics,
        durationMs: exit.durationMs,
        toolVersion: `${tool.name} ${tool.version}`,
      };
      if (exit.code !== 0) return failure({ ...facts, output: goOutput(text), file: main });
      return success(facts, readOutput(output));
    });
  },
};

function success(
  facts: Pick<BuildResult, "diagnostics" | "durationMs" | "toolVersion">,
  artifact: Uint8Array,
): BuildResult {
  return { ok: true, artifact, contentType: "application/wasm", ...facts };
}

async function buildArguments(
  tool: GoTool,
  project: FunctionProject,
  files: { readonly main: string; readonly output: string },
  debug = false,
): Promise<readonly string[]> {
  const direct = await isDirect(project, files.main);
  const flags = project.manifest.flags ?? [];
  const packages = await whatToBuild(project, files.main);
  if (tool.name === "tinygo") {
    const shared = direct ? ["-buildmode=c-shared"] : [];
    return ["build", "-target=wasip1", ...shared, ...flags, "-o", files.output, ...packages];
  }
  const shared = direct ? ["-buildmode=c-shared"] : [];
  // It writes no line tables for WebAssembly, but names of functions.
  const smaller = debug ? [] : ["-ldflags=-s -w"];
  return ["build", "-json", ...smaller, ...shared, ...flags, "-o", files.output, ...packages];
}

/** The package of the main file in a module; without a go.mod, the files themselves. */
async function whatToBuild(project: FunctionProject, main: string): Promise<readonly string[]> {
  const folder = dirname(main);
  const inFolder = (name: string): string =>
    `./${relative(project.folder, join(folder, name)).replaceAll("\\", "/")}`;
  if (await isFile(join(project.folder, "go.mod"))) return [inFolder("")];
  const names = await readdir(folder);
  return names.filter((name) => /\.go$/.test(name) && !/_test\.go$/.test(name)).map(inFolder);
}

/** Versions by path and age of the executable: each build asks, and asking takes longer than a save may. */
const versions = new Map<string, string | undefined>();

async function findTool(name: GoTool["name"]): Promise<GoTool | undefined> {
  for (const path of await findExecutables(name, GO_FOLDERS)) {
    const { mtimeMs } = await stat(path);
    const key = `${path} ${mtimeMs}`;
    if (!versions.has(key)) versions.set(key, await versionOf(path));
    const version = versions.get(key);
    if (version && (name === "tinygo" || isNewEnough(version))) return { name, path, version };
  }
  return undefined;
}

async function versionOf(path: string): Promise<string | undefined> {
  const exit = await runTool({ command: path, args: ["version"], timeoutMs: 20_000 });
  const version = /version (?:go)?(\d+\.\d+\S*)/.exec(exit.stdout)?.[1];
  return exit.code === 0 ? version : undefined;
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number.parseFloat);
  return major > 1 || (major === 1 && minor >= MINOR_NEEDED);
}

function toolName(project: FunctionProject | undefined): GoTool["name"] {
  return project?.manifest.compiler === "tinygo" ? "tinygo" : "go";
}

async function check(project?: FunctionProject): Promise<ToolchainStatus> {
  const name = toolName(project);
  const tool = await findTool(name);
  if (!tool) return missing(name);
  return { ok: true, tool: `${tool.name} ${tool.version}`, path: tool.path };
}

async function missing(name: GoTool["name"]): Promise<ToolchainStatus & { ok: false }> {
  if (name === "tinygo") {
    return {
      ok: false,
      tool: "tinygo",
      missing: "TinyGo, which moc.json asks for, is not installed.",
      install: await installHint({
        macos: "brew tap tinygo-org/tools && brew install tinygo",
        arch: "sudo pacman -S tinygo",
        windows: "scoop install tinygo",
        other: "See https://tinygo.org/getting-started/install/",
      }),
    };
  }
  const old = await findExecutables("go", GO_FOLDERS);
  return {
    ok: false,
    tool: "go",
    missing: old[0]
      ? `${old[0]} is older than Go 1.${MINOR_NEEDED}, which can export functions to WebAssembly.`
      : "Go is not installed.",
    install: await installHint({
      debian: `sudo apt install golang-go (Debian 13, Ubuntu 25.04 or later)
or: https://go.dev/dl/`,
      fedora: "sudo dnf install golang",
      arch: "sudo pacman -S go",
      alpine: "sudo apk add go",
      macos: "brew install go",
      windows: "winget install GoLang.Go",
      other: "See https://go.dev/dl/",
    }),
  };
}
