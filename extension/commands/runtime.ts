import { env, extensions, l10n, Uri, version, window, workspace } from "vscode";
import { WALKTHROUGH } from "../contributions/views.ts";
import type { Parts } from "../parts.ts";
import { copyText } from "./copy-text.ts";

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
  const [root] = workspace.workspaceFolders ?? [];
  const name = `my-own-cluster-${day}.tar.gz`;
  const target = await window.showSaveDialog({
    title: l10n.t("Back Up Data"),
    filters: { [l10n.t("Backup")]: ["tar.gz"] },
    defaultUri: root ? Uri.joinPath(root.uri, name) : Uri.file(name),
  });
  if (!target) return;
  const client = await parts.runtime.ensure();
  const { bytes } = await client.bytes("backup");
  await workspace.fs.writeFile(target, bytes);
  parts.status.pulse(l10n.t("backed up"));
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

/** After a crash that restarting did not heal: says so once, with the log and a new start at hand. */
export async function offerRestart(parts: Parts, message: string): Promise<void> {
  const log = l10n.t("Show Log");
  const start = l10n.t("Start Runtime");
  const choice = await window.showErrorMessage(message, log, start);
  if (choice === log) parts.logs.show("functions");
  if (choice === start) await parts.runtime.ensure();
}
