import { basename, join, relative } from "node:path";
import type { BuildContext, BuildOptions as EsbuildOptions, Message, Metafile } from "esbuild";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { FunctionProject } from "../manifest.ts";
import { Turns } from "../turns.ts";
import type { Builder, BuildOptions, BuildResult, ToolchainStatus } from "./builder.ts";
import { findNpmTool, npmExecutable, npmTool } from "./npm-tool.ts";
import { mainSource } from "./source.ts";
import { failure } from "./tool-result.ts";

type Esbuild = typeof import("esbuild");

/** A module is bundled; a script without imports and exports stays as it is: its functions are global. */
type SourceKind = "module" | "script";

interface Bundle {
  readonly code: Uint8Array;
  readonly warnings: readonly Message[];
  /** Names; none: it runs as a script. */
  readonly exports: readonly string[];
}

interface WarmContext {
  readonly key: string;
  readonly kind: SourceKind;
  readonly context: BuildContext;
}

/** Contexts that are kept for the next save; the one used longest ago goes first. */
const WARM_CONTEXTS_MAX = 32;

/** Bundles JavaScript and TypeScript; contexts stay warm, so that a rebuild reads what changed. */
export class EsbuildBuilder implements Builder {
  readonly language: string;
  readonly defaultSources: readonly string[];
  readonly #warm = new Map<string, WarmContext>();
  readonly #turns = new Turns();

  constructor(language: string, defaultSources: readonly string[]) {
    this.language = language;
    this.defaultSources = defaultSources;
  }

  async check(): Promise<ToolchainStatus> {
    const found = await findNpmTool("esbuild");
    if (found) return { ok: true, tool: `esbuild ${found.version}` };
    if (await npmExecutable())
      return { ok: true, tool: "esbuild, fetched by npm when first used", onDemand: true };
    return {
      ok: false,
      tool: "esbuild",
      missing: "esbuild is not here, and there is no npm to fetch it.",
      install: "Install Node.js with npm from https://nodejs.org",
    };
  }

  async build(project: FunctionProject, options: BuildOptions = {}): Promise<BuildResult> {
    const start = performance.now();
    const source = await mainSource(project, this.defaultSources);
    const { url, version } = await npmTool("esbuild", options);
    const esbuild = (await import(url)) as Esbuild;
    const toolVersion = `esbuild ${version}`;
    try {
      // A context builds once at a time: who comes meanwhile would share what was read before.
      const { code, warnings, exports } = await this.#turns.run(source, () =>
        this.#bundle(esbuild, project, source, options.signal),
      );
      return {
        ok: true,
        artifact: code,
        contentType: "text/javascript",
        exports,
        diagnostics: toDiagnostics(warnings, "warning", project, source),
        durationMs: performance.now() - start,
        toolVersion,
      };
    } catch (error) {
      if (!isBuildFailure(error)) throw error;
      const diagnostics = [
        ...toDiagnostics(error.errors, "error", project, source),
        ...toDiagnostics(error.warnings, "warning", project, source),
      ];
      const durationMs = performance.now() - start;
      return failure({ diagnostics, durationMs, toolVersion, output: error.message, file: source });
    }
  }

  async close(): Promise<void> {
    const contexts = [...this.#warm.values()];
    this.#warm.clear();
    await Promise.all(contexts.map(({ context }) => context.dispose()));
  }

  async #bundle(
    esbuild: Esbuild,
    project: FunctionProject,
    source: string,
    signal: AbortSignal | undefined,
  ): Promise<Bundle> {
    const kind = this.#warm.get(source)?.kind ?? "module";
    const first = await this.#rebuild(esbuild, project, source, kind, signal);
    if (first.kind === kind) return first;
    return this.#rebuild(esbuild, project, source, first.kind, signal);
  }

  async #rebuild(
    esbuild: Esbuild,
    project: FunctionProject,
    source: string,
    kind: SourceKind,
    signal: AbortSignal | undefined,
  ): Promise<Bundle & { readonly kind: SourceKind }> {
    const { context } = await this.#contextFor(esbuild, project, source, kind);
    let cancelling: Promise<void> | undefined;
    const cancel = (): void => {
      cancelling = context.cancel();
    };
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      if (signal?.aborted) throw cancelled();
      const { outputFiles, warnings, metafile } = await context.rebuild();
      const code = outputFiles?.[0]?.contents ?? new Uint8Array();
      const exports = Object.values(metafile?.outputs ?? {})[0]?.exports ?? [];
      return { code, warnings, exports, kind: kindOf(metafile, project, source) };
    } catch (error) {
      if (signal?.aborted) throw cancelled(error);
      throw error;
    } finally {
      signal?.removeEventListener("abort", cancel);
      // Or it ends the next one.
      await cancelling;
    }
  }

  async #contextFor(
    esbuild: Esbuild,
    project: FunctionProject,
    source: string,
    kind: SourceKind,
  ): Promise<WarmContext> {
    const options = esbuildOptions(project, source, kind);
    const key = JSON.stringify(options);
    const known = this.#warm.get(source);
    this.#warm.delete(source);
    if (known && known.key !== key) await known.context.dispose();
    const warm =
      known?.key === key ? known : { key, kind, context: await esbuild.context(options) };
    this.#warm.set(source, warm);
    const [oldest] = this.#warm;
    if (oldest && this.#warm.size > WARM_CONTEXTS_MAX) {
      this.#warm.delete(oldest[0]);
      await oldest[1].context.dispose();
    }
    return warm;
  }
}

function esbuildOptions(
  project: FunctionProject,
  source: string,
  kind: SourceKind,
): EsbuildOptions {
  const output = `${basename(source).replace(/\.[^.]+$/, "")}.js`;
  return {
    absWorkingDir: project.folder,
    entryPoints: [source],
    // Beside the manifest, so that the source map names files as the user knows them.
    outfile: join(project.folder, output),
    allowOverwrite: true,
    write: false,
    metafile: true,
    logLevel: "silent",
    platform: "neutral",
    target: "es2023",
    sourcemap: "inline",
    charset: "utf8",
    loader: { ".html": "text", ".txt": "text", ".css": "text", ".svg": "text", ".wasm": "binary" },
    ...(kind === "module" && {
      bundle: true,
      format: "esm",
      mainFields: ["module", "main"],
      conditions: ["workerd", "worker", "browser"],
      define: { "process.env.NODE_ENV": '"production"' },
    }),
  };
}

function kindOf(
  metafile: Metafile | undefined,
  project: FunctionProject,
  source: string,
): SourceKind {
  const name = relative(project.folder, source).replaceAll("\\", "/");
  // Not `format`: that a package.json above says "module" does not make a script one.
  const imports = metafile?.inputs[name]?.imports.length ?? 0;
  const exports = Object.values(metafile?.outputs ?? {})[0]?.exports.length ?? 0;
  return imports + exports === 0 ? "script" : "module";
}

function toDiagnostics(
  messages: readonly Message[],
  severity: "error" | "warning",
  project: FunctionProject,
  source: string,
): Diagnostic[] {
  return messages.map(({ location, text, id, notes }) => {
    const advice = missingPackage(text) ?? notes[0]?.text;
    const note = advice ? ` (${advice})` : "";
    const code = id === "" ? {} : { code: id };
    if (!location) {
      return { file: source, line: 1, column: 1, severity, message: text + note, ...code };
    }
    const column = utf16Column(location.lineText, location.column) + 1;
    return {
      file: join(project.folder, location.file),
      line: location.line,
      column,
      endLine: location.line,
      endColumn: column + Math.max(1, location.length),
      severity,
      message: text + note,
      ...code,
    };
  });
}

/** What to do about a package that is not installed; esbuild advises to go without it. */
function missingPackage(message: string): string | undefined {
  const [, name = "."] = /^Could not resolve "((?:@[^/"]+\/)?[^/"]+)/.exec(message) ?? [];
  if (name.startsWith(".")) return undefined;
  if (name.startsWith("node:")) return "functions have the web's interfaces, not those of Node";
  return `install it in the function's folder: npm install ${name}`;
}

/** esbuild counts columns in bytes, editors in UTF-16 units. */
function utf16Column(line: string, bytes: number): number {
  return Buffer.from(line).subarray(0, bytes).toString().length;
}

function isBuildFailure(
  error: unknown,
): error is Error & { readonly errors: readonly Message[]; readonly warnings: readonly Message[] } {
  return error instanceof Error && Array.isArray((error as { errors?: unknown }).errors);
}

function cancelled(cause?: unknown): MocError {
  return new MocError("MOC_CANCELLED", "The build was cancelled.", { cause });
}
