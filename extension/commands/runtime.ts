import { env, extensions, l10n, Uri, version, window, workspace } from "vscode";
import { WALKTHROUGH } from "../contributions/views.ts";
import { BackupFiles } from "../panels/backup-files.ts";
import type { Parts } from "../parts.ts";
import { copyText } from "./copy-text.ts";

/** Names this work in the status bar. */
const BACKUP = "backup";

export async function startRuntimeCommand(parts: Parts): Promise<void> {
  await parts.runtime.ensure();
}

export async function stopRuntimeCommand(parts: Parts): Promise<void> {
  await parts.runtime.stop();
}

export async function restartRuntimeCommand(parts: Parts): Promise<void> {
  await parts.runtime.restart();
}

/** Copy Runtime Address: as it is reached from where the user sits. */
export async function copyAddressCommand(parts: Parts): Promise<void> {
  const client = await parts.runtime.ensure();
  const outside = await env.asExternalUri(Uri.parse(client.target.baseUrl));
  await copyText(outside.toString(true), l10n.t("address copied"));
}

/** Back Up Data…: everything in one file, while the runtime goes on. */
export async function backupCommand(parts: Parts): Promise<void> {
  const day = new Date().toISOString().slice(0, 10);
  const progress = (done: number): void => {
    const size = (done / 1024 / 1024).toFixed(1);
    parts.status.activity(BACKUP, l10n.t("backing up, {0} MiB", size));
  };
  try {
    const name = `my-own-cluster-${day}.tar.gz`;
    const bytes = await new BackupFiles().export(() => parts.runtime.ensure(), name, progress);
    if (bytes !== undefined) parts.status.pulse(l10n.t("backed up"));
  } finally {
    parts.status.activity(BACKUP, undefined);
  }
}

/** Collect Issue Report: versions and the last log lines, as a document to look through and send. */
export async function reportIssueCommand(parts: Parts): Promise<void> {
  const { state } = parts.runtime;
  const own = extensions.getExtension(parts.context.extension.id);
  const report = [
    "# Issue report",
    "",
    `- extension ${own?.packageJSON.version ?? "?"}, ${env.appName} ${version}, ${process.platform} ${process.arch}, Node ${process.versions.node}`,
    `- remote: ${env.remoteName ?? "no"}, trusted: ${workspace.isTrusted}`,
    `- runtime: ${state.kind}${state.kind === "running" ? ` ${state.instance.version}` : ""}${state.kind === "failed" ? ` ${state.error.code} ${state.error.message}` : ""}`,
    `- functions: ${parts.items().length}, manifests that cannot be read: ${parts.projects.broken.length}`,
    "",
    "## What I did, what I expected, what happened",
    "",
    "",
    "## Last lines of the runtime's log",
    "",
    "```",
    ...parts.logs
      .recent("")
      .slice(-40)
      .map(({ level, text }) => `${level} ${text}`),
    "```",
    "",
  ].join("\n");
  const document = await workspace.openTextDocument({ language: "markdown", content: report });
  await window.showTextDocument(document);
}

/** Full id of our walkthrough. */
export function walkthroughId(extensionId: string): string {
  return `${extensionId}#${WALKTHROUGH}`;
}
