import { sep } from "node:path";
import { l10n, ProgressLocation, Uri, window, workspace } from "vscode";
import type { Client } from "../../devkit/client.ts";
import type { DeployOutcome } from "../../devkit/deploy.ts";
import { type FunctionProject, readProject } from "../../devkit/manifest.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import { setting } from "../config.ts";
import { DebugTurn } from "../debug/debug-turn.ts";
import type { Parts } from "../parts.ts";
import { runTask } from "../run-task.ts";

/** Saves, builds and deploys one function; what comes of it is told as for a save, and each time. */
export async function deployNow(
  parts: Parts,
  project: FunctionProject,
): Promise<DeployOutcome | undefined> {
  const { name } = project.manifest;
  return window.withProgress(
    { location: ProgressLocation.Window, title: l10n.t("Deploying {0}", name), cancellable: false },
    async (progress) => {
      const scope = Uri.file(project.manifestFile);
      try {
        await refuseDebugged(parts, project);
        const saved = await withSavedFiles(parts, project);
        await runTaskIfSet(setting("deploy.preTask", scope));
        const started = performance.now();
        parts.reporter.building(saved);
        const onProgress = (message: string): void => {
          parts.reporter.progress(message);
          progress.report({ message });
        };
        const outcome = await parts.live
          .deploy(saved, { onProgress })
          .catch(async (error: unknown) => {
            await parts.reporter.refused(saved.folder, error);
            throw error;
          });
        parts.reporter.outcome(saved, outcome, performance.now() - started, "byCommand");
        if (outcome.ok) await runTaskIfSet(setting("deploy.postTask", scope));
        return outcome;
      } catch (error) {
        parts.reporter.error(project.folder, error, "byCommand");
        return undefined;
      } finally {
        parts.refreshViews();
      }
    },
  );
}

/**
 * The client, once a function is live: what is being built after a save is waited for, and one whose
 * sources are here and that the runtime has not is deployed first.
 * @throws MocError MOC_BUILD_FAILED when it does not build, and those of starting the runtime
 */
export async function ensureLive(parts: Parts, name: string): Promise<Client> {
  const client = await parts.runtime.ensure();
  const isLive = (one: { readonly name: string }): boolean => one.name === name;
  const project = parts.projects.named(name);
  // Who saves and sends at once means what was saved; the editor saves before it runs tests.
  if (project) await parts.live.settled(project.folder);
  if (!project || parts.platform.snapshot.functions.some(isLive)) return client;
  // The copy may be older than the function.
  if ((await client.call("functions")).functions.some(isLive)) return client;
  const outcome = await deployNow(parts, project);
  if (!outcome?.ok) {
    throw new MocError("MOC_BUILD_FAILED", l10n.t("{0} is not live: see Problems.", name));
  }
  return client;
}

/** The debugger's breakpoints are in a build of its own. */
async function refuseDebugged(
  { dataFolder }: Parts,
  { folder, manifest }: FunctionProject,
): Promise<void> {
  if (!(await new DebugTurn(dataFolder(), folder).isTaken())) return;
  throw new MocError(
    "MOC_CONFLICT",
    l10n.t("{0} is being debugged: what is saved is live when that ends.", manifest.name),
  );
}

/** What is deployed is what is seen: edited files of the function are saved first. */
async function withSavedFiles(parts: Parts, project: FunctionProject): Promise<FunctionProject> {
  const dirty = workspace.textDocuments.filter(
    ({ isDirty, uri }) =>
      isDirty && uri.scheme === "file" && uri.fsPath.startsWith(project.folder + sep),
  );
  if (dirty.length === 0) return project;
  await parts.live.holding(project.folder, async () => {
    for (const document of dirty) await document.save();
  });
  return readProject(project.folder);
}

async function runTaskIfSet(label: string): Promise<void> {
  if (label !== "") await runTask(label);
}
