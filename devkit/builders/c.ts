import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { FunctionProject } from "../manifest.ts";
import { runTool } from "../run-tool.ts";
import { installHint } from "../system.ts";
import type { Builder, BuildOptions, BuildResult, ToolchainStatus } from "./builder.ts";
import { clangArguments } from "./clang-arguments.ts";
import { clangDiagnostics } from "./clang-diagnostics.ts";
import { findNativeClang, type NativeClang, pathWithoutPackages } from "./clang-native.ts";
import { CompilerThread, workerEntry } from "./compiler-thread.ts";
import { isDirect } from "./entered-by.ts";
import { findNpmTool, npmExecutable, npmTool } from "./npm-tool.ts";
import { mainSource } from "./source.ts";
import { inTemporaryFolder, readOutput } from "./temporary-folder.ts";
import { failure, outputOf, toolchainMissing } from "./tool-result.ts";

const DEFAULT_SOURCES = ["main.c", "src/main.c", "index.c", "src/index.c"];
const OUTPUT = "function.wasm";
/** Sources and headers handed to the compiler in the worker. */
const INPUT_BYTES_MAX = 64 * 1024 * 1024;
const IGNORED = new Set(["node_modules", "target", "build", "dist"]);

const thread = new CompilerThread("@yowasp/clang", workerEntry("clang-worker"));

/** C by an installed clang, else by clang compiled to WebAssembly, which needs no installation. */
export const c: Builder = {
  language: "c",
  defaultSources: DEFAULT_SOURCES,
  check,
  async build(project, options = {}) {
    const main = await mainSource(project, DEFAULT_SOURCES);
    const sources = {
      names: await allSources(project, main),
      direct: await isDirect(project, main),
    };
    const { compiler } = project.manifest;
    const native = compiler === "yowasp-clang" ? undefined : await findNativeClang();
    if (native) return buildNative(native, project, sources, options);
    if (compiler === "clang") {
      const status = await check(project);
      if (!status.ok) throw toolchainMissing(status);
    }
    return buildInWorker(project, sources, options);
  },
  close: () => thread.close(),
};

async function check(project?: FunctionProject): Promise<ToolchainStatus> {
  const compiler = project?.manifest.compiler;
  const native = compiler === "yowasp-clang" ? undefined : await findNativeClang();
  if (native) return { ok: true, tool: `clang ${native.version}`, path: native.path };
  if (compiler !== "clang") {
    const found = await findNpmTool("@yowasp/clang");
    if (found) return { ok: true, tool: `@yowasp/clang ${found.version}` };
    if (await npmExecutable()) {
      return {
        ok: true,
        tool: "@yowasp/clang, fetched by npm when first used (about 105 MB)",
        onDemand: true,
      };
    }
  }
  return {
    ok: false,
    tool: "clang",
    missing: "No clang that makes WebAssembly with a C library is installed.",
    install: await installHint({
      debian: "sudo apt install clang lld wasi-libc libclang-rt-dev-wasm32",
      fedora: "sudo dnf install clang lld wasi-libc-devel wasi-libc-static",
      arch: "sudo pacman -S clang lld wasi-libc wasi-compiler-rt",
      macos: "brew install llvm lld wasi-libc wasi-runtimes",
      other:
        "Unpack the WASI SDK (https://github.com/WebAssembly/wasi-sdk/releases) and set WASI_SDK_PATH to its folder.",
    }),
  };
}

interface Sources {
  /** Relative to the project's folder. */
  readonly names: readonly string[];
  /** They make a reactor. */
  readonly direct: boolean;
}

/** The named source alone; where none is named, all C files beside the main one. */
async function allSources(project: FunctionProject, main: string): Promise<readonly string[]> {
  const { folder, manifest } = project;
  const files = manifest.source === undefined ? await readdir(dirname(main)) : [basename(main)];
  const inFolder = files.filter((name) => name.endsWith(".c")).sort();
  return inFolder.map((name) => relative(folder, join(dirname(main), name)).replaceAll("\\", "/"));
}

async function buildNative(
  clang: NativeClang,
  project: FunctionProject,
  { names, direct }: Sources,
  { debug, signal, timeoutMs }: BuildOptions,
): Promise<BuildResult> {
  return inTemporaryFolder("moc-c-", async (temporary) => {
    const output = join(temporary, OUTPUT);
    const exit = await runTool({
      command: clang.path,
      args: [
        ...clang.targetArguments,
        ...clangArguments(project, names, { output, direct, debug }),
      ],
      cwd: project.folder,
      env: { PATH: pathWithoutPackages() },
      signal,
      timeoutMs,
    });
    const artifact = exit.code === 0 ? readOutput(output) : undefined;
    const { durationMs } = exit;
    const toolVersion = `clang ${clang.version}`;
    return result(project, names, outputOf(exit), { artifact, durationMs, toolVersion });
  });
}

async function buildInWorker(
  project: FunctionProject,
  { names, direct }: Sources,
  options: BuildOptions,
): Promise<BuildResult> {
  const start = performance.now();
  const { url: toolUrl, version } = await npmTool("@yowasp/clang", options);
  if (names.some((source) => source.startsWith(".."))) {
    throw new MocError(
      "MOC_BUILD_FAILED",
      "@yowasp/clang compiles sources in the function's folder only: move them there, or install clang.",
    );
  }
  const files = await inputFiles(project.folder);
  const args = [
    "--target=wasm32-wasip1",
    ...clangArguments(project, names, { output: OUTPUT, direct, debug: options.debug }),
  ];
  const answer = await thread.compile({ toolUrl, args, files, output: OUTPUT }, options);
  const durationMs = performance.now() - start;
  const { artifact, text } = answer;
  const toolVersion = `@yowasp/clang ${version}`;
  return result(project, names, text, { artifact, durationMs, toolVersion });
}

function result(
  project: FunctionProject,
  sources: readonly string[],
  output: string,
  facts: {
    readonly artifact: Uint8Array | undefined;
    readonly durationMs: number;
    readonly toolVersion: string;
  },
): BuildResult {
  const { artifact, durationMs, toolVersion } = facts;
  const file = join(project.folder, sources[0] ?? "");
  const diagnostics = clangDiagnostics(output, project.folder, file);
  if (!artifact) return failure({ diagnostics, durationMs, toolVersion, output, file });
  const contentType = "application/wasm";
  return { ok: true, artifact, contentType, diagnostics, durationMs, toolVersion };
}

/** Sources and headers below a folder, for a compiler that does not see the disk. */
async function inputFiles(folder: string): Promise<Readonly<Record<string, Uint8Array>>> {
  const files: Record<string, Uint8Array> = {};
  let bytes = 0;
  const visit = async (path: string): Promise<void> => {
    for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
      const inner = path === "" ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!entry.name.startsWith(".") && !IGNORED.has(entry.name)) await visit(inner);
      } else if (/\.(c|h|inc|def|syms|txt)$/.test(entry.name)) {
        const content = await readFile(join(folder, inner));
        bytes += content.length;
        if (bytes > INPUT_BYTES_MAX) {
          throw new MocError("MOC_BUILD_FAILED", `The C files of ${folder} are over 64 MiB.`);
        }
        files[inner] = content;
      }
    }
  };
  await visit("");
  return files;
}
