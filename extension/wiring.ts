import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ExtensionContext, l10n, window, workspace } from "vscode";
import { MocError } from "../runtime/protocol/errors.ts";
import { ensureLive } from "./commands/deploy-now.ts";
import { offerRestart } from "./commands/runtime.ts";
import { setting } from "./config.ts";
import { KEY_SCHEME, LOG_SCHEME, PANELS, RESPONSE_SCHEME, VIEWS } from "./contributions/views.ts";
import { FunctionLogs } from "./function-logs.ts";
import { firstPlug, functionItems } from "./functions/function-item.ts";
import { Platform } from "./functions/platform.ts";
import { KeyFileSystem } from "./keys/key-file-system.ts";
import { Live } from "./live.ts";
import { LiveReporter } from "./live-reporter.ts";
import { Logs } from "./log.ts";
import { DashboardPanel } from "./panels/dashboard-panel.ts";
import type { Parts } from "./parts.ts";
import { errorDiagnostics, Problems } from "./problems.ts";
import { Projects, setContext } from "./projects.ts";
import { RequestPanels } from "./request/request-panel.ts";
import { ResponseDocuments } from "./request/response-documents.ts";
import { certificateFile } from "./runtime/certificate-file.ts";
import { dataFolderOf } from "./runtime/data-folder.ts";
import { localRuntime } from "./runtime/local-runtime.ts";
import { RuntimeControl, type RuntimeState } from "./runtime/runtime-control.ts";
import { SampleWatch } from "./samples/sample-watch.ts";
import { StatusBar } from "./status-bar.ts";
import { FunctionsTree } from "./trees/functions-tree.ts";
import { KeysTree } from "./trees/keys-tree.ts";
import { PlugsTree } from "./trees/plugs-tree.ts";
import { RuntimeTree } from "./trees/runtime-tree.ts";

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
  const runtime: RuntimeControl = new RuntimeControl({
    port: localRuntime(() => ({
      dataFolder: dataFolder(context),
      distFolder: join(context.extensionPath, "dist"),
      port: setting("runtime.port"),
      gpuAdapter: setting("runtime.gpuAdapter"),
      keepAliveSeconds: setting("runtime.keepAliveSeconds"),
      executable: {
        nodePath: setting("runtime.nodePath"),
        editor: {
          path: process.execPath,
          version: process.versions.node,
          suspends: "Suspending" in (Reflect.get(globalThis, "WebAssembly") as object),
        },
      },
      onOutput: (line) => logs.output(line),
    })),
    onState: (state) => runtimeChanged(state),
    check: () => {
      if (workspace.isTrusted) return;
      throw new MocError(
        "MOC_FORBIDDEN",
        l10n.t("Trust this workspace first: nothing is built or run in Restricted Mode."),
      );
    },
  });
  const ensure = () => runtime.ensure();
  const platform = new Platform({
    onChange: ({ functions }) => {
      status.update({ functionCount: functions.length });
      refreshViews();
    },
    onEvent: (event) => {
      if (event.kind === "log") {
        logs.line(event.line);
        functionLogs.written(event.line.function);
      } else if (event.kind === "kv") {
        keyTree.refresh();
        keyFiles.keyChanged(event.key, event.deleted);
      } else if (event.kind === "deployed") void requests.renew(event.name);
      else if (event.kind === "limit")
        logs.functions.warn(`[${event.function}] ${event.error.message}`);
      else if (event.kind === "executor") runtimeTree.refreshSoon();
    },
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
  const requests = new RequestPanels({
    extensionUri: context.extensionUri,
    memory: context.workspaceState,
    ensureLive: (name) => ensureLive(parts, name),
    item: (name) => items().find((item) => item.name === name),
    isDebugged: ({ project }) => project !== undefined && live.isSuspended(project.folder),
    certificateFile: () => certificateFile(dataFolder(context)),
  });
  const dashboard = new DashboardPanel({
    extensionUri: context.extensionUri,
    ensure,
    state: () => runtime.state,
    project: (name) => projects.named(name),
  });
  const functionLogs = new FunctionLogs(ensure);
  const refreshViews = (): void => {
    showCurrent();
    functionsTree.refresh();
    plugsTree.refresh();
    keyTree.refresh();
    runtimeTree.refreshSoon();
  };

  function runtimeChanged(state: RuntimeState): void {
    const { kind } = state;
    const shown = kind === "running" ? state.instance : undefined;
    const failure = kind === "failed" ? state.error.message : "";
    status.update({
      runtime: kind,
      ...(shown && { version: shown.version, port: shown.port }),
      failure,
    });
    runtimeView.message = failure;
    void setContext("runtime", kind);
    platform.follow(runtime.client);
    refreshViews();
    void dashboard.runtimeChanged();
    logs.extension.info(
      `runtime: ${kind}${shown ? ` on port ${shown.port}, pid ${shown.pid}` : ""}`,
    );
    if (kind === "restarting" && state.attempt === 1) void offerLog(logs);
    if (kind === "failed") {
      logs.extension.error(`runtime: ${state.error.code} ${state.error.message}`);
      // A process that never was wrote nothing to the log that one is led to.
      logs.functions.error(`[runtime] ${state.error.code} ${state.error.message}`);
      // Who asked for a start is told by the command; one at opening is seen in the status bar.
      if (state.crashed) void offerRestart(parts, state.error.message);
    }
  }

  function showCurrent(): void {
    const active = window.activeTextEditor?.document.uri;
    const project = active?.scheme === "file" ? projects.containing(active.fsPath) : undefined;
    const item = project && items().find(({ name }) => name === project.manifest.name);
    const plug = item?.summary && firstPlug(item);
    status.current(item && plug && { name: item.name, path: plug.path });
  }

  function projectsChanged(): void {
    const folders = new Set(projects.broken.map(({ folder }) => `manifest:${folder}`));
    problems.retain("manifest:", folders);
    for (const { folder, error } of projects.broken) {
      problems.set(`manifest:${folder}`, errorDiagnostics(error, join(folder, "moc.json")));
    }
    tellDoubleNames();
    const known = [...projects.list, ...projects.broken].map(({ folder }) => folder);
    reporter.retain(new Set(known));
    showCurrent();
    functionsTree.refresh();
    void requests.renew();
  }

  /** Two functions of one name would take each other's place at each save. */
  function tellDoubleNames(): void {
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
    keyFiles,
    dataFolder: () => dataFolder(context),
    items,
    refreshViews,
  };
  context.subscriptions.push(
    logs,
    problems,
    projects,
    status,
    platform,
    runtime,
    { dispose: () => void live.close() },
    functionsTree,
    plugsTree,
    keyTree,
    runtimeTree,
    keyFiles,
    requests,
    functionLogs,
    sampleWatch,
    dashboard,
    projects.onChange(projectsChanged),
    window.onDidChangeActiveTextEditor(showCurrent),
    sampleWatch.onChange(() => {
      functionsTree.refresh();
      void requests.renew();
    }),
    workspace.onDidGrantWorkspaceTrust(() => status.update({ trusted: true })),
    window.createTreeView(VIEWS.functions, {
      treeDataProvider: functionsTree,
      showCollapseAll: true,
    }),
    window.createTreeView(VIEWS.plugs, { treeDataProvider: plugsTree }),
    window.createTreeView(VIEWS.keys, { treeDataProvider: keyTree, showCollapseAll: true }),
    runtimeView,
    workspace.registerFileSystemProvider(KEY_SCHEME, keyFiles, { isCaseSensitive: true }),
    workspace.registerTextDocumentContentProvider(
      RESPONSE_SCHEME,
      new ResponseDocuments((name, id) => requests.pastCall(name, id)),
    ),
    workspace.registerTextDocumentContentProvider(LOG_SCHEME, functionLogs),
    window.registerWebviewPanelSerializer(PANELS.request, requests),
    window.registerWebviewPanelSerializer(PANELS.dashboard, dashboard),
  );
  return { parts, started: projects.refresh() };
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

/** After a crash: it is being restarted, and the last lines say why it ended. */
async function offerLog(logs: Logs): Promise<void> {
  const show = l10n.t("Show Log");
  const message = l10n.t("The runtime ended unexpectedly and is started again.");
  if ((await window.showWarningMessage(message, show)) === show) logs.show("functions");
}
