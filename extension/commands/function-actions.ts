import { join } from "node:path";
import { env, l10n, Uri, window, workspace } from "vscode";
import { refreshBindings } from "../../devkit/bindings.ts";
import { buildChecked } from "../../devkit/build-checked.ts";
import { builderFor } from "../../devkit/builders/list.ts";
import { checkedByRuntime } from "../../devkit/check-shader.ts";
import type { Client } from "../../devkit/client.ts";
import { rollback, undeploy } from "../../devkit/deploy.ts";
import { readSamples, type SampleFile } from "../../devkit/samples.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import { isSystemPlug } from "../../runtime/protocol/system-plug.ts";
import { curlCommand, samplePath } from "../functions/curl.ts";
import {
  type FunctionItem,
  firstPlug,
  manifestPlugs,
  type Place,
} from "../functions/function-item.ts";
import type { Parts } from "../parts.ts";
import { certificateFile } from "../runtime/certificate-file.ts";
import { copyText } from "./copy-text.ts";
import { ensureLive } from "./deploy-now.ts";
import { freeSampleFile } from "./invoke.ts";
import { functionOf, projectFor } from "./pick-function.ts";

const deployed = ({ summary }: FunctionItem): boolean => summary !== undefined;
const plugged = (item: FunctionItem): boolean => firstPlug(item) !== undefined;

/** Open Function URL: in the browser, through whatever forwards ports; deployed first if need be. */
export async function openUrlCommand(parts: Parts, argument: unknown): Promise<void> {
  const target = await urlTarget(parts, argument);
  if (!target) return;
  await ensureLive(parts, target.item.name);
  await env.openExternal(await env.asExternalUri(Uri.parse(await urlOf(parts, target))));
}

export async function copyUrlCommand(parts: Parts, argument: unknown): Promise<void> {
  const target = await urlTarget(parts, argument);
  if (!target) return;
  const outside = await env.asExternalUri(Uri.parse(await urlOf(parts, target)));
  await copyText(outside.toString(true), l10n.t("URL copied"));
}

export async function copyCurlCommand(parts: Parts, argument: unknown): Promise<void> {
  const target = await urlTarget(parts, argument);
  if (!target) return;
  const { item, plug } = target;
  const client = await parts.runtime.ensure();
  const file = await firstSample(item);
  const command = curlCommand({
    baseUrl: client.target.baseUrl,
    sample: file?.sample ?? {},
    sampleFile: file?.file ?? "",
    plug,
    certificateFile: await certificateFile(parts.dataFolder()),
  });
  await copyText(command, l10n.t("curl command copied"));
}

export async function openSourceCommand(parts: Parts, argument: unknown): Promise<void> {
  const project = await projectFor(parts, argument);
  if (!project) return;
  const names = [project.manifest.source, ...builderFor(project).defaultSources, "moc.json"];
  for (const name of names) {
    if (name === undefined) continue;
    const uri = Uri.file(join(project.folder, name));
    const there = await workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
    if (!there) continue;
    await window.showTextDocument(await workspace.openTextDocument(uri));
    return;
  }
}

/** Show Function Log: its last lines as a document beside the channel of all. */
export async function showFunctionLogCommand(parts: Parts, argument: unknown): Promise<void> {
  const item = await functionOf(parts, argument);
  if (item) await parts.functionLogs.show(item.name);
}

/** Roll Back Function…: an earlier version serves again. */
export async function rollbackCommand(parts: Parts, argument: unknown): Promise<void> {
  const item = await functionOf(parts, argument, deployed);
  if (!item) return;
  const client = await parts.runtime.ensure();
  const techID = versionOf(argument) ?? (await chooseVersion(client, item.name));
  if (techID === undefined) return;
  await rollback(client, item.name, techID);
  parts.status.pulse(l10n.t("{0} rolled back", item.name));
  await parts.platform.refresh();
}

/** The version that a line of the Functions view stands for. */
function versionOf(argument: unknown): string | undefined {
  const { version } = (argument ?? {}) as { readonly version?: { readonly techID?: unknown } };
  return typeof version?.techID === "string" ? version.techID : undefined;
}

async function chooseVersion(client: Client, functionName: string): Promise<string | undefined> {
  const { name } = await client.call("name", { path: { name: functionName } });
  const [, ...earlier] = name.history;
  if (earlier.length === 0) {
    throw new MocError("MOC_NOT_FOUND", l10n.t("{0} has no earlier version.", functionName));
  }
  const picked = await window.showQuickPick(
    earlier.map(({ techID, at }) => ({
      label: new Date(at).toLocaleString(),
      description: techID.slice(0, 12),
      techID,
    })),
    { placeHolder: l10n.t("Version of {0} to return to", functionName) },
  );
  return picked?.techID;
}

/** Undeploy Function…: after a confirmation, since its plugs go with it. */
export async function undeployCommand(parts: Parts, argument: unknown): Promise<void> {
  const item = await functionOf(parts, argument, deployed);
  if (!item) return;
  const remove = l10n.t("Undeploy");
  const choice = await window.showWarningMessage(
    l10n.t("Undeploy {0}?", item.name),
    { modal: true, detail: l10n.t("Its plugs, files and filters go with it; its sources stay.") },
    remove,
  );
  if (choice !== remove) return;
  await undeploy(await parts.runtime.ensure(), item.name);
  await parts.platform.refresh();
}

/** Remove Plug or Filter…: one that the tree's line or the user names. */
export async function unplugCommand(parts: Parts, argument: unknown): Promise<void> {
  const { plugs, filters } = parts.platform.snapshot;
  const choices = [
    ...filters.map((filter) => ({ label: filter.name, description: l10n.t("filter"), filter })),
    ...plugs
      .filter((plug) => !isSystemPlug(plug))
      .map((plug) => ({ label: plug.path, description: plug.method.toUpperCase(), plug })),
  ];
  const given = argument as { readonly kind?: string } | undefined;
  const chosen =
    given?.kind === "plug" || given?.kind === "filter"
      ? (argument as (typeof choices)[number])
      : await window.showQuickPick(choices, { placeHolder: l10n.t("Plug or filter to remove") });
  if (!chosen) return;
  const what = "filter" in chosen ? chosen.filter.name : chosen.plug.path;
  const remove = l10n.t("Remove");
  const message = l10n.t("Remove {0}? The next deploy of its function brings it back.", what);
  if ((await window.showWarningMessage(message, { modal: true }, remove)) !== remove) return;
  const client = await parts.runtime.ensure();
  if ("filter" in chosen) {
    await client.call("unplugFilter", { path: { "filter-id": chosen.filter.id } });
  } else {
    const { method, path, host } = chosen.plug;
    await client.call("unplug", { body: { method, path, ...(host && { host }) } });
  }
  await parts.platform.refresh();
}

/** Refresh Guest Bindings: writes the generated files of the guest API anew. */
export async function refreshBindingsCommand(parts: Parts, argument: unknown): Promise<void> {
  const project = await projectFor(parts, argument);
  if (!project) return;
  const changed = await refreshBindings(project.folder);
  const said =
    changed.length === 0
      ? l10n.t("bindings of {0} are up to date", project.manifest.name)
      : l10n.t("{0} binding files written", changed.length);
  parts.status.pulse(said);
}

/** Build Function: without deploying; errors go to Problems. */
export async function buildCommand(parts: Parts, argument: unknown): Promise<void> {
  const project = await projectFor(parts, argument);
  if (!project) return;
  parts.reporter.building(project);
  try {
    const checker = checkedByRuntime(() => parts.runtime.ensure());
    const build = await buildChecked(project, checker, {
      onProgress: (message) => parts.reporter.progress(message),
    });
    parts.reporter.built(project, build);
  } catch (error) {
    parts.reporter.error(project.folder, error, "byCommand");
  }
}

/** New Sample Input…: a file beside the source, opened. */
export async function newSampleCommand(parts: Parts, argument: unknown): Promise<void> {
  const project = await projectFor(parts, argument);
  const file = project && (await freeSampleFile(parts, project.manifest.name));
  if (!project || !file) return;
  const [plug] = manifestPlugs(project.manifest);
  const sample = plug
    ? { method: plug.method, path: plug.path, expect: { status: 200 } }
    : { mode: "direct", arguments: [], expect: { status: 200 } };
  const uri = Uri.file(file);
  await workspace.fs.writeFile(uri, Buffer.from(`${JSON.stringify(sample, null, 2)}\n`));
  await window.showTextDocument(await workspace.openTextDocument(uri));
}

/** A function with the first place where it answers. */
interface UrlTarget {
  readonly item: FunctionItem;
  readonly plug: Place;
}

/** @throws MocError MOC_BAD_REQUEST when the function that is named answers nowhere */
async function urlTarget(parts: Parts, argument: unknown): Promise<UrlTarget | undefined> {
  const item = await functionOf(parts, argument, plugged);
  if (!item) return undefined;
  const plug = firstPlug(item);
  if (plug) return { item, plug };
  throw new MocError(
    "MOC_BAD_REQUEST",
    l10n.t("{0} has no URL: name a path under plugs in its moc.json.", item.name),
  );
}

async function urlOf(parts: Parts, { item, plug }: UrlTarget): Promise<string> {
  const client = await parts.runtime.ensure();
  return client.target.baseUrl + samplePath((await firstSample(item))?.sample ?? {}, plug.path);
}

/** The first sample for the function's first plug. */
async function firstSample(item: FunctionItem): Promise<SampleFile | undefined> {
  const samples = item.project ? await readSamples(item.project) : [];
  const plug = firstPlug(item);
  return samples.find(({ sample }) => sample && (sample.path ?? plug?.path) === plug?.path);
}
