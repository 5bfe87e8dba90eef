import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ExtensionContext, l10n, window, workspace } from "vscode";
import { MocError } from "../runtime/protocol/errors.ts";
import { ensureLive } from "./commands/deploy-now.ts";
import { setting } from "./config.ts";
import { VIEWS } from "./contributions/views.ts";
import { FunctionLogs } from "./function-logs.ts";
import { functionItems } from "./functions/function-item.ts";
import { Platform } from "./functions/platform.ts";
import { KeyFileSystem } from "./keys/key-file-system.ts";
import { Live } from "./live.ts";
import { LiveReporter } from "./live-reporter.ts";
import { Logs } from "./log.ts";
import { OnDemand } from "./on-demand.ts";
import type { Parts } from "./parts.ts";
import { Problems } from "./problems.ts";
import { Projects } from "./projects.ts";
import { registerViews } from "./register-views.ts";
import { certificateFile } from "./runtime/certificate-file.ts";
import { dataFolderOf } from "./runtime/data-folder.ts";
import { localRuntime } from "./runtime/local-runtime.ts";
import { RuntimeControl, type RuntimeState } from "./runtime/runtime-control.ts";
import { SampleWatch } from "./samples/sample-watch.ts";
import type { Say } from "./say.ts";
import { StatusBar } from "./status-bar.ts";
import { FunctionsTree } from "./trees/functions-tree.ts";
import { KeysTree } from "./trees/keys-tree.ts";
import { PlugsTree } from "./trees/plugs-tree.ts";
import { RuntimeTree } from "./trees/runtime-tree.ts";
import { platformEvent, refreshViews, runtimeChanged } from "./window-changes.ts";

/** Makes the objects of the window and ties them together; the one place where that is done. */
export function createParts(context: ExtensionContext): {
  readonly parts: Parts;
  /** Settles when the workspace's functions are known. */
  readonly started: Promise<void>;
} {
  const logs = new Logs();
  const problems = new Problems();
  const projects = new Projects();
  const trusted = workspace.isTrusted;
  const status = new StatusBar({ runtime: "stopped", functionCount: 0, broken: [], trusted });
  const sampleWatch = new SampleWatch();
  const runtime = runtimeControl(context, logs, (state) => runtimeChanged(parts, state));
  const ensure = () => runtime.ensure();
  const platform = new Platform({
    onChange: ({ functions }) => {
      status.update({ functionCount: functions.length });
      refreshViews(parts);
    },
    onEvent: (event) => platformEvent(parts, event),
    onError: (error) => logs.extension.error(`events: ${error.code} ${error.message}`),
  });
  const reporter = new LiveReporter({
    logs,
    problems,
    status,
    memory: context.workspaceState,
    isDeployed: (name) => platform.snapshot.functions.some((one) => one.name === name),
    onBroken: () => functionsTree.refresh(),
  });
  const live = new Live({
    ensure,
    onEvent: (event) => {
      reporter.event(event);
      if (event.kind !== "building") functionsTree.refresh();
    },
    onProgress: (message) => reporter.progress(message),
  });
  const items = () => functionItems(projects.list, platform.snapshot.functions);
  const functionsTree = new FunctionsTree({
    items,
    isBroken: (name) => reporter.isBroken(name),
    broken: () => projects.broken,
    isRunning: () => runtime.state.kind === "running",
    versions: async (name) =>
      (await (await ensure()).call("name", { path: { name } })).name.history,
  });
  const plugsTree = new PlugsTree(() => platform.snapshot);
  const keyTree = new KeysTree(() => runtime.client);
  const runtimeTree = new RuntimeTree(
    () => runtime.state,
    async () => runtime.client?.call("status"),
  );
  const runtimeView = window.createTreeView(VIEWS.runtime, { treeDataProvider: runtimeTree });
  const keyFiles = new KeyFileSystem(ensure);
  const requests = new OnDemand(async () => {
    const { RequestPanels } = await import("./request/request-panel.ts");
    return new RequestPanels({
      extensionUri: context.extensionUri,
      memory: context.workspaceState,
      ensureLive: (name) => ensureLive(parts, name),
      item: (name) => items().find((item) => item.name === name),
      isDebugged: ({ project }) => project !== undefined && live.isSuspended(project.folder),
      certificateFile: () => certificateFile(dataFolder(context)),
    });
  });
  const dashboard = new OnDemand(async () => {
    const { DashboardPanel } = await import("./panels/dashboard-panel.ts");
    return new DashboardPanel({
      extensionUri: context.extensionUri,
      ensure,
      state: () => runtime.state,
      project: (name) => projects.named(name),
    });
  });
  const functionLogs = new FunctionLogs(ensure);
  const parts: Parts = {
    context,
    logs,
    status,
    problems,
    projects,
    runtime,
    platform,
    live,
    reporter,
    requests,
    functionLogs,
    sampleWatch,
    dashboard,
    functionsTree,
    plugsTree,
    keyTree,
    runtimeTree,
    runtimeView,
    keyFiles,
    dataFolder: () => dataFolder(context),
    items,
    refreshViews: () => refreshViews(parts),
  };
  registerViews(parts);
  return { parts, started: projects.refresh() };
}

/** The runtime of this window's data folder; nothing is started by making it. */
function runtimeControl(
  context: ExtensionContext,
  logs: Logs,
  onState: (state: RuntimeState) => void,
): RuntimeControl {
  const say: Say = (message, ...values) => l10n.t(message, ...values);
  return new RuntimeControl({
    port: localRuntime(() => ({
      dataFolder: dataFolder(context),
      distFolder: join(context.extensionPath, "dist"),
      port: setting("runtime.port"),
      host: setting("runtime.host"),
      gpuAdapter: setting("runtime.gpuAdapter"),
      keepAliveSeconds: setting("runtime.keepAliveSeconds"),
      executable: {
        nodePath: setting("runtime.nodePath"),
        say,
        editor: {
          path: process.execPath,
          version: process.versions.node,
          suspends: "Suspending" in (Reflect.get(globalThis, "WebAssembly") as object),
        },
      },
      onOutput: (line) => logs.output(line),
    })),
    onState,
    say,
    check: () => {
      if (workspace.isTrusted) return;
      throw new MocError(
        "MOC_FORBIDDEN",
        l10n.t("Trust this workspace first: nothing is built or run in Restricted Mode."),
      );
    },
  });
}

function dataFolder(context: ExtensionContext): string {
  const { workspaceFile, workspaceFolders } = workspace;
  const root = workspaceFolders?.[0]?.uri;
  const folder = dataFolderOf({
    chosen: setting("runtime.dataFolder"),
    root: root?.fsPath,
    workspace: (workspaceFile ?? root)?.toString(),
    globalStorage: context.globalStorageUri.fsPath,
  });
  mkdirSync(dirname(folder), { recursive: true });
  return folder;
}
