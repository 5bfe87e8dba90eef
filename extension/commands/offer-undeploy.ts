import { setTimeout as sleep } from "node:timers/promises";
import { l10n, window } from "vscode";
import type { Parts } from "../parts.ts";

/** A folder that is renamed or moved is gone for a moment. */
const SETTLE_MS = 1500;

/** Functions whose sources were deleted go on serving: says so, and takes them down if wanted. */
export async function offerUndeploy(parts: Parts, names: readonly string[]): Promise<void> {
  await sleep(SETTLE_MS, undefined, { ref: false });
  const { functions } = parts.platform.snapshot;
  const left = names.filter(
    (one) => !parts.projects.named(one) && functions.some(({ name }) => name === one),
  );
  if (left.length === 0) return;
  const remove = l10n.t("Undeploy");
  const message = l10n.t("The sources of {0} are gone; it goes on serving.", left.join(", "));
  if ((await window.showInformationMessage(message, remove)) !== remove) return;
  const { undeploy } = await import("../../devkit/deploy.ts");
  const client = await parts.runtime.ensure();
  for (const name of left) await undeploy(client, name);
  await parts.platform.refresh();
}
