/** What the window does when the runtime, the platform or the workspace's functions change. */
import { join } from "node:path";
import { l10n, window } from "vscode";
import { MocError } from "../runtime/protocol/errors.ts";
import type { PlatformEvent } from "../runtime/protocol/model.ts";
import { offerRestart } from "./commands/offer-restart.ts";
import { firstPlug } from "./functions/function-item.ts";
import type { Logs } from "./log.ts";
import type { Parts } from "./parts.ts";
import { errorDiagnostics } from "./problems.ts";
import { setContext } from "./projects.ts";
import type { RuntimeState } from "./runtime/runtime-control.ts";

/** Draws the views anew. */
export function refreshViews(parts: Parts): void {
  showCurrent(parts);
  parts.functionsTree.refresh();
  parts.plugsTree.refresh();
  parts.keyTree.refresh();
  parts.runtimeTree.refreshSoon();
}

/** Shows the function of the file in the editor in the status bar. */
export function showCurrent({ projects, status, items }: Parts): void {
  const active = window.activeTextEditor?.document.uri;
  const project = active?.scheme === "file" ? projects.containing(active.fsPath) : undefined;
  const item = project && items().find(({ name }) => name === project.manifest.name);
  const plug = item?.summary && firstPlug(item);
  status.current(item && plug && { name: item.name, path: plug.path });
}

/** The runtime was started, has ended, or could not be started. */
export function runtimeChanged(parts: Parts, state: RuntimeState): void {
  const { logs, runtime, status } = parts;
  const { kind } = state;
  const shown = kind === "running" ? state.instance : undefined;
  const failure = kind === "failed" ? state.error.message : "";
  status.update({
    runtime: kind,
    ...(shown && { version: shown.version, port: shown.port }),
    failure,
  });
  parts.runtimeView.message = failure;
  void setContext("runtime", kind);
  parts.platform.follow(runtime.client);
  refreshViews(parts);
  void parts.dashboard.made?.runtimeChanged();
  logs.extension.info(`runtime: ${kind}${shown ? ` on port ${shown.port}, pid ${shown.pid}` : ""}`);
  if (kind === "restarting" && state.attempt === 1) void offerLog(logs);
  if (kind !== "failed") return;
  logs.extension.error(`runtime: ${state.error.code} ${state.error.message}`);
  // A process that never was wrote nothing to the log that one is led to.
  logs.functions.error(`[runtime] ${state.error.code} ${state.error.message}`);
  // Who asked for a start is told by the command; one at opening is seen in the status bar.
  if (state.crashed) void offerRestart(parts, state.error.message);
}

/** Something happened on the platform. */
export function platformEvent(parts: Parts, event: PlatformEvent): void {
  if (event.kind === "log") {
    parts.logs.line(event.line);
    parts.functionLogs.written(event.line.function);
  } else if (event.kind === "kv") {
    parts.keyTree.refresh();
    parts.keyFiles.keyChanged(event.key, event.deleted);
  } else if (event.kind === "deployed") {
    void parts.requests.made?.renew(event.name);
  } else if (event.kind === "limit") {
    parts.logs.functions.warn(`[${event.function}] ${event.error.message}`);
  } else if (event.kind === "executor") {
    parts.runtimeTree.refreshSoon();
  }
}

/** Functions of the workspace came, went or changed their manifest. */
export function projectsChanged(parts: Parts): void {
  const { problems, projects } = parts;
  const folders = new Set(projects.broken.map(({ folder }) => `manifest:${folder}`));
  problems.retain("manifest:", folders);
  for (const { folder, error } of projects.broken) {
    problems.set(`manifest:${folder}`, errorDiagnostics(error, join(folder, "moc.json")));
  }
  tellDoubleNames(parts);
  const known = [...projects.list, ...projects.broken].map(({ folder }) => folder);
  parts.reporter.retain(new Set(known));
  showCurrent(parts);
  parts.functionsTree.refresh();
  void parts.requests.made?.renew();
}

/** Two functions of one name would take each other's place at each save. */
function tellDoubleNames({ problems, projects }: Parts): void {
  const byName = Map.groupBy(projects.list, ({ manifest }) => manifest.name);
  const doubles = new Set<string>();
  for (const [name, same] of byName) {
    for (const { folder, manifestFile } of same) {
      const other = same.find((one) => one.folder !== folder);
      if (!other) continue;
      const message = l10n.t("{0} is the name of {1} too: choose another.", name, other.folder);
      const error = new MocError("MOC_CONFLICT", message);
      doubles.add(`name:${folder}`);
      problems.set(`name:${folder}`, errorDiagnostics(error, manifestFile));
    }
  }
  problems.retain("name:", doubles);
}

/** After a crash: it is being restarted, and the last lines say why it ended. */
async function offerLog(logs: Logs): Promise<void> {
  const show = l10n.t("Show Log");
  const message = l10n.t("The runtime ended unexpectedly and is started again.");
  if ((await window.showWarningMessage(message, show)) === show) logs.show("functions");
}
