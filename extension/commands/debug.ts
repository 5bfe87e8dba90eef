import { relative } from "node:path";
import { debug, l10n, Uri, window, workspace } from "vscode";
import type { FunctionProject } from "../../devkit/manifest.ts";
import { readSamples } from "../../devkit/samples.ts";
import { configurationOf, isDebuggable } from "../debug/debug-configurations.ts";
import type { Parts } from "../parts.ts";
import { invokeCommand } from "./invoke.ts";
import { projectFor } from "./pick-function.ts";

/** Debug Function: attaches the editor's debugger, and invokes with a sample input. */
export async function debugFunctionCommand(parts: Parts, argument: unknown): Promise<void> {
  const project = await projectFor(parts, argument);
  if (!project) return;
  if (!isDebuggable(project)) return offerLog(parts, project);
  const sample = await chosenSample(project);
  if (sample === undefined) return;
  const folder = workspace.getWorkspaceFolder(Uri.file(project.manifestFile));
  await debug.startDebugging(folder, {
    ...configurationOf(project.manifest.name),
    ...(sample !== "" && { sample }),
  });
}

/** Path of a sample within the function's folder; empty: there is none; undefined: given up. */
async function chosenSample(project: FunctionProject): Promise<string | undefined> {
  const samples = await readSamples(project);
  const paths = samples.map(({ file }) => relative(project.folder, file));
  if (paths.length < 2) return paths[0] ?? "";
  const placeHolder = l10n.t("Sample input to debug {0} with", project.manifest.name);
  return window.showQuickPick(paths, { placeHolder });
}

/** What there is in place of a debugger: log lines, and errors that open the source. */
async function offerLog(parts: Parts, { manifest }: FunctionProject): Promise<void> {
  const { name, language } = manifest;
  const invoke = l10n.t("Invoke and Show Log");
  const isScript = language === "javascript" || language === "typescript";
  const reason = isScript
    ? l10n.t("JavaScript functions run in QuickJS, which has no debugger to attach to.")
    : l10n.t("Only functions that compile to WebAssembly can be attached to.");
  const choice = await window.showInformationMessage(
    l10n.t("Breakpoints in {0} are not available.", name),
    {
      modal: true,
      detail: `${reason} ${l10n.t(
        "Errors of a call open the source at their line, and its log lines stand beside the answer.",
      )}`,
    },
    invoke,
  );
  if (choice !== invoke) return;
  parts.logs.show("functions");
  await invokeCommand(parts, name);
}
