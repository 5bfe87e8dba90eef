import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Disposable, l10n, languages, type TextDocument, tasks, Uri, workspace } from "vscode";
import { MANIFEST_FILE } from "../devkit/manifest.ts";
import { registerTools } from "./assistant/editor-tools.ts";
import { registerMcp } from "./assistant/mcp-provider.ts";
import { InvokeLenses } from "./code-lens.ts";
import { ensureLive } from "./commands/deploy-now.ts";
import { offerUndeploy } from "./commands/offer-undeploy.ts";
import { setting } from "./config.ts";
import { TASK_TYPE } from "./contributions/views.ts";
import { OtherDebuggers } from "./debug/other-debuggers.ts";
import { registerDebugger } from "./debug/register-debugger.ts";
import { DiskChanges } from "./disk-changes.ts";
import type { Parts } from "./parts.ts";
import { giveLease, leaseFolder, takeLease } from "./runtime/leases.ts";
import { SampleTests } from "./samples/sample-tests.ts";
import { SaveWatch } from "./save-watch.ts";
import { MocTasks } from "./task-provider.ts";

/** Whether there were functions when the workspace was open last: then the runtime is wanted at once. */
const HAD_FUNCTIONS = "hadFunctions";

/** What waits for the workspace's trust: building on save, tests, tasks, assistants, the runtime. */
export function activateTrusted(parts: Parts): void {
  const { context, projects, runtime, dataFolder } = parts;
  const ensure = () => runtime.ensure();
  const node = () => ({ path: process.execPath, env: { ELECTRON_RUN_AS_NODE: "1" } });
  const lenses = new InvokeLenses(projects);
  const tests = new SampleTests({
    projects,
    problems: parts.problems,
    samples: parts.sampleWatch,
    ensureLive: (name) => ensureLive(parts, name),
    onError: (error) => parts.logs.extension.error(`samples: ${error.message}`),
  });
  const cli = join(context.extensionPath, "dist", "cli.js");
  const version = String(context.extension.packageJSON.version);
  const { extensionPath } = context;
  context.subscriptions.push(
    lenses,
    projects.onChange(() => lenses.refresh()),
    projects.onChange(() => rememberFunctions(parts)),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("myOwnCluster.codeLens")) lenses.refresh();
    }),
    languages.registerCodeLensProvider({ scheme: "file" }, lenses),
    tests,
    tasks.registerTaskProvider(TASK_TYPE, new MocTasks({ projects, cli, dataFolder, node })),
    ...registerTools(ensure),
    registerMcp({ extensionPath, version, dataFolder, node }),
    projects.onGone((names) => void offerUndeploy(parts, names)),
    registerDebugger(parts),
    deployOnSave(parts),
    deployOnChange(parts),
    lease(parts),
  );
  void tests.update();
  void startIfWanted(parts);
}

/** This window needs the runtime for as long as it lives. */
function lease({ dataFolder, logs }: Parts): Disposable {
  const folder = leaseFolder(dataFolder());
  takeLease(folder).catch((error: Error) => logs.extension.error(`lease: ${error.message}`));
  return {
    dispose: () => {
      giveLease(folder).catch((error: Error) => logs.extension.error(`lease: ${error.message}`));
    },
  };
}

async function startIfWanted(parts: Parts): Promise<void> {
  const { context, projects, runtime, logs } = parts;
  if (!setting("runtime.autoStart")) return;
  // To find them takes many turns of an extension host in which everything else starts, too.
  if (!context.workspaceState.get(HAD_FUNCTIONS, false)) {
    await projects.known;
    if (projects.list.length === 0) return;
  }
  // The failure is in the status bar and the views.
  await runtime.ensure().catch((error: Error) => logs.extension.error(error.message));
}

function rememberFunctions({ context, projects }: Parts): void {
  const has = projects.list.length > 0;
  if (context.workspaceState.get(HAD_FUNCTIONS, false) === has) return;
  void context.workspaceState.update(HAD_FUNCTIONS, has);
}

function deployOnSave(parts: Parts): Disposable {
  const isWanted = ({ uri }: TextDocument): boolean =>
    uri.scheme === "file" && setting("deploy.trigger", uri) !== "off";
  const others = new OtherDebuggers({
    dataFolder: parts.dataFolder,
    onEnd: (folder) => void makeLive(parts, folder),
  });
  const watch = new SaveWatch(({ fileName }) => void saved(parts, others, fileName));
  return Disposable.from(
    watch,
    others,
    followDisk(parts, (path) => void saved(parts, others, path)),
    workspace.onWillSaveTextDocument(({ document }) => {
      if (isWanted(document) && parts.projects.folderOf(document.fileName)) watch.will(document);
    }),
    workspace.onDidSaveTextDocument((document) => {
      if (isWanted(document)) watch.did(document);
    }),
  );
}

/** What is live follows its sources on disk too: a checkout, a formatter, an assistant. */
function followDisk(
  { projects, platform, live }: Parts,
  changed: (path: string) => void,
): Disposable {
  const summaryOf = (folder: string) =>
    platform.snapshot.functions.find(({ settings }) => settings.sourceFolder === folder);
  const changes = new DiskChanges({
    folderOf: (path) => {
      if (setting("deploy.trigger", Uri.file(path)) === "off") return undefined;
      const folder = projects.folderOf(path);
      if (folder === undefined || dirname(path) === join(folder, "samples")) return undefined;
      return summaryOf(folder) && folder;
    },
    builtAt: async (folder) => {
      await live.settled(folder);
      // Another window may have been faster.
      return Math.max(live.builtAt(folder), summaryOf(folder)?.deployedAt ?? 0);
    },
    onChange: (path) => {
      const folder = projects.folderOf(path);
      // All of it may be gone: that is told elsewhere.
      if (folder !== undefined && existsSync(join(folder, MANIFEST_FILE))) changed(path);
    },
  });
  const watcher = workspace.createFileSystemWatcher("**/*");
  const look = ({ scheme, fsPath }: Uri): void => {
    if (scheme === "file") changes.changed(fsPath);
  };
  return Disposable.from(
    changes,
    watcher,
    watcher.onDidCreate(look),
    watcher.onDidChange(look),
    watcher.onDidDelete(look),
  );
}

/** With `onChange`, edits are saved after a pause; the save then deploys. */
function deployOnChange(parts: Parts): Disposable {
  const timers = new Map<string, NodeJS.Timeout>();
  const changes = workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (contentChanges.length === 0 || document.uri.scheme !== "file") return;
    if (setting("deploy.trigger", document.uri) !== "onChange") return;
    if (!parts.projects.containing(document.uri.fsPath)) return;
    const key = document.uri.toString();
    clearTimeout(timers.get(key));
    const pause = setting("deploy.debounceMs", document.uri);
    timers.set(
      key,
      setTimeout(() => {
        timers.delete(key);
        void document.save();
      }, pause),
    );
  });
  return {
    dispose: () => {
      changes.dispose();
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

async function saved(parts: Parts, others: OtherDebuggers, path: string): Promise<void> {
  const { projects, live, status } = parts;
  // A moc.json may have been written just now; samples are no part of the artefact.
  const folder = projects.folderOf(path) ?? (path.endsWith("moc.json") ? dirname(path) : undefined);
  if (folder === undefined || dirname(path) === join(folder, "samples")) return;
  await live.following(folder, async () => {
    if (live.isSuspended(folder) || (await others.hold(folder))) {
      status.pulse(l10n.t("saved; live when debugging ends"));
      return;
    }
    await makeLive(parts, folder);
  });
}

async function makeLive({ live, reporter }: Parts, folder: string): Promise<void> {
  try {
    await live.saved(folder);
    // The same failure again, or a build that a newer save superseded, is not told.
    reporter.settled(folder);
  } catch (error) {
    reporter.error(folder, error, "bySave");
  }
}
