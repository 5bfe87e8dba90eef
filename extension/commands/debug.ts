import { l10n, window } from "vscode";
import type { Parts } from "../parts.ts";
import { invokeCommand } from "./invoke.ts";
import { projectFor } from "./pick-function.ts";

/**
 * Debug Function: executors offer no inspector, so breakpoints inside a guest cannot be reached;
 * what there is (log lines, errors mapped to the source) is shown instead of a debugger that stays grey.
 */
export async function debugFunctionCommand(parts: Parts, argument: unknown): Promise<void> {
  const project = await projectFor(parts, argument);
  if (!project) return;
  const invoke = l10n.t("Invoke and Show Log");
  const choice = await window.showInformationMessage(
    l10n.t(
      "Breakpoints in {0} are not available: executors run without an inspector.",
      project.manifest.name,
    ),
    {
      modal: true,
      detail: l10n.t(
        "Errors of a call open the source at their line, and its log lines stand beside the answer.",
      ),
    },
    invoke,
  );
  if (choice === invoke) {
    parts.logs.show("functions");
    await invokeCommand(parts, project.manifest.name);
  }
}
