import { basename, dirname } from "node:path";
import {
  CodeLens,
  type CodeLensProvider,
  type Disposable,
  EventEmitter,
  l10n,
  Range,
  type TextDocument,
} from "vscode";
import type { FunctionProject } from "../devkit/manifest.ts";
import { setting } from "./config.ts";
import { commandId } from "./contributions/commands.ts";
import { startFunctionLine } from "./functions/start-function.ts";
import type { Projects } from "./projects.ts";

/** "Invoke" over the start function of a source file and over each sample file. */
export class InvokeLenses implements CodeLensProvider, Disposable {
  readonly #changed = new EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  readonly #projects: Projects;

  constructor(projects: Projects) {
    this.#projects = projects;
  }

  refresh(): void {
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  provideCodeLenses(document: TextDocument): CodeLens[] {
    if (!setting("codeLens.enabled", document.uri)) return [];
    const path = document.uri.fsPath;
    const project = this.#projects.containing(path);
    if (!project) return [];
    const inSamples = basename(dirname(path)) === "samples" && path.endsWith(".json");
    return inSamples ? [sampleLens(path)] : sourceLenses(document, project);
  }
}

function sampleLens(path: string): CodeLens {
  return new CodeLens(new Range(0, 0, 0, 0), {
    title: `$(play) ${l10n.t("Invoke")}`,
    command: commandId("invokeSample"),
    arguments: [path],
  });
}

function sourceLenses(document: TextDocument, { manifest }: FunctionProject): CodeLens[] {
  const line = startFunctionLine(document.getText(), document.languageId, manifest.start);
  if (line === undefined) return [];
  const range = new Range(line, 0, line, 0);
  const { name } = manifest;
  return [
    new CodeLens(range, {
      title: `$(play) ${l10n.t("Invoke")}`,
      command: commandId("invoke"),
      arguments: [name],
    }),
    new CodeLens(range, {
      title: `$(link-external) ${l10n.t("Open URL")}`,
      command: commandId("openUrl"),
      arguments: [name],
    }),
  ];
}
