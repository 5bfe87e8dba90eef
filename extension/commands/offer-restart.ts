import { l10n, window } from "vscode";
import type { Parts } from "../parts.ts";

/** After a crash that restarting did not heal: says so once, with the log and a new start at hand. */
export async function offerRestart(parts: Parts, message: string): Promise<void> {
  const log = l10n.t("Show Log");
  const start = l10n.t("Start Runtime");
  const choice = await window.showErrorMessage(message, log, start);
  if (choice === log) parts.logs.show("functions");
  if (choice === start) await parts.runtime.ensure();
}
