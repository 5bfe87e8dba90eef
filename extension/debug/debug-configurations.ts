import {
  type CancellationToken,
  type DebugConfiguration,
  type DebugConfigurationProvider,
  l10n,
  ProgressLocation,
  Uri,
  type WorkspaceFolder,
  window,
  workspace,
} from "vscode";
import type { FunctionProject } from "../../devkit/manifest.ts";
import type { Language } from "../../devkit/manifest-shape.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import { projectFor } from "../commands/pick-function.ts";
import { DEBUG_TYPE } from "../contributions/debuggers.ts";
import type { Parts } from "../parts.ts";
import type { FunctionDebugger } from "./function-debugger.ts";

/** What runs in engines that V8's debugger sees nothing of. */
const WITHOUT_DEBUGGER: ReadonlySet<Language> = new Set([
  "javascript",
  "typescript",
  "wgsl",
  "glsl",
  "static-site",
] as const);

/** Whether breakpoints can be reached in a function of this language. */
export function isDebuggable({ manifest }: FunctionProject): boolean {
  return manifest.build !== undefined || !WITHOUT_DEBUGGER.has(manifest.language);
}

/** Turns our debug configurations into those of VS Code's JavaScript debugger. */
export class DebugConfigurations implements DebugConfigurationProvider {
  readonly #parts: Parts;
  readonly #debugger: FunctionDebugger;

  constructor(parts: Parts, functionDebugger: FunctionDebugger) {
    this.#parts = parts;
    this.#debugger = functionDebugger;
  }

  /** One for each function that can be debugged, for launch.json and the debug view's menu. */
  provideDebugConfigurations(folder: WorkspaceFolder | undefined): DebugConfiguration[] {
    const { projects } = this.#parts;
    return projects.list
      .filter((project) => isDebuggable(project) && isIn(folder, project))
      .map(({ manifest }) => configurationOf(manifest.name));
  }

  /** @returns undefined: it was told why there is nothing to debug */
  async resolveDebugConfiguration(
    _folder: WorkspaceFolder | undefined,
    given: DebugConfiguration,
    token: CancellationToken,
  ): Promise<DebugConfiguration | undefined> {
    try {
      const name: unknown = given.function;
      const project = await projectFor(this.#parts, typeof name === "string" ? name : undefined);
      if (!project || token.isCancellationRequested) return undefined;
      if (!isDebuggable(project)) throw noDebugger(project);
      const title = given.name || configurationOf(project.manifest.name).name;
      const attach = await window.withProgress(
        {
          location: ProgressLocation.Window,
          title: l10n.t("Building {0} to debug it", project.manifest.name),
        },
        () => this.#debugger.start(project, title),
      );
      return attach && { ...attach, sample: given.sample, invoke: given.invoke ?? true };
    } catch (cause) {
      const error = MocError.from(cause);
      this.#parts.logs.extension.error(`debug: ${error.code} ${error.message}`);
      void window.showErrorMessage(error.message);
      return undefined;
    }
  }
}

/** The configuration that debugs a function with all defaults. */
export function configurationOf(name: string): DebugConfiguration {
  return { type: DEBUG_TYPE, request: "launch", name: l10n.t("Debug {0}", name), function: name };
}

function noDebugger({ manifest }: FunctionProject): MocError {
  return new MocError(
    "MOC_BAD_REQUEST",
    l10n.t(
      "{0} is no WebAssembly: there is no debugger for it. Its errors and log tell their lines.",
      manifest.name,
    ),
  );
}

function isIn(folder: WorkspaceFolder | undefined, project: FunctionProject): boolean {
  const own = workspace.getWorkspaceFolder(Uri.file(project.manifestFile));
  return folder === undefined || own?.uri.toString() === folder.uri.toString();
}
