import { basename } from "node:path";
import { l10n, ProgressLocation, tasks, Uri, window } from "vscode";
import type { DeployOutcome } from "../../devkit/deploy.ts";
import type { FunctionProject } from "../../devkit/manifest.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import { setting } from "../config.ts";
import type { Parts } from "../parts.ts";

/** Builds and deploys one function; what comes of it is told as for a save. */
export async function deployNow(
  parts: Parts,
  project: FunctionProject,
): Promise<DeployOutcome | undefined> {
  const { name } = project.manifest;
  return window.withProgress(
    { location: ProgressLocation.Window, title: l10n.t("Deploying {0}", name), cancellable: false },
    async (progress) => {
      const scope = Uri.file(project.manifestFile);
      await runTask(setting("deploy.preTask", scope));
      const started = performance.now();
      parts.reporter.building(project);
      const onProgress = (message: string): void => {
        parts.reporter.progress(message);
        progress.report({ message });
      };
      try {
        const outcome = await parts.live.deploy(project, { onProgress });
        parts.reporter.outcome(project, outcome, performance.now() - started);
        if (outcome.ok) await runTask(setting("deploy.postTask", scope));
        return outcome;
      } catch (error) {
        parts.reporter.error(project.folder, error);
        return undefined;
      } finally {
        parts.refreshViews();
      }
    },
  );
}

/** Runs a task of tasks.json to its end. @throws MocError MOC_BUILD_FAILED when it fails */
async function runTask(label: string): Promise<void> {
  if (label === "") return;
  const task = (await tasks.fetchTasks()).find(({ name }) => name === label);
  if (!task)
    throw new MocError("MOC_NOT_FOUND", l10n.t("There is no task {0} in tasks.json.", label));
  const execution = await tasks.executeTask(task);
  const code = await new Promise<number | undefined>((resolve) => {
    const listener = tasks.onDidEndTaskProcess((event) => {
      if (event.execution !== execution) return;
      listener.dispose();
      resolve(event.exitCode);
    });
  });
  if (code !== 0) {
    throw new MocError(
      "MOC_BUILD_FAILED",
      l10n.t("The task {0} ended with {1}: nothing was deployed.", basename(label), code ?? "?"),
    );
  }
}
