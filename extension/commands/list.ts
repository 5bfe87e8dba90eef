import { commands } from "vscode";
import type { CommandName } from "../contributions/commands.ts";
import { keepEditor } from "../keep-editor.ts";
import type { Parts } from "../parts.ts";
import { adoptCommand } from "./adopt.ts";
import { createFunctionCommand } from "./create-function.ts";
import { debugFunctionCommand } from "./debug.ts";
import { deployAllCommand, deployCommand } from "./deploy.ts";
import * as actions from "./function-actions.ts";
import { invokeCommand, invokeSampleCommand } from "./invoke.ts";
import * as keys from "./keys.ts";
import * as runtime from "./runtime.ts";

/**
 * Runs a command; `argument` is a tree's line, a file, a name, or nothing, `selection` all that is
 * selected with it.
 */
type Handler = (parts: Parts, argument: unknown, selection: readonly unknown[]) => Promise<void>;

/** What each declared command does; one that is forgotten does not compile. */
export const HANDLERS: Readonly<Record<CommandName, Handler>> = {
  createFunction: createFunctionCommand,
  adopt: adoptCommand,
  build: actions.buildCommand,
  deploy: deployCommand,
  deployAll: deployAllCommand,
  invoke: invokeCommand,
  invokeSample: invokeSampleCommand,
  newSample: actions.newSampleCommand,
  cancelCall: async (parts) => parts.requests.made?.cancelAll(),
  openUrl: actions.openUrlCommand,
  copyUrl: actions.copyUrlCommand,
  copyCurl: actions.copyCurlCommand,
  openSource: actions.openSourceCommand,
  showFunctionLog: actions.showFunctionLogCommand,
  rollback: actions.rollbackCommand,
  undeploy: actions.undeployCommand,
  unplug: actions.unplugCommand,
  refreshBindings: actions.refreshBindingsCommand,
  debugFunction: debugFunctionCommand,
  startRuntime: runtime.startRuntimeCommand,
  stopRuntime: runtime.stopRuntimeCommand,
  restartRuntime: runtime.restartRuntimeCommand,
  showRuntimeLog: async (parts) => parts.logs.show("functions"),
  showExtensionLog: async (parts) => parts.logs.show("extension"),
  copyAddress: runtime.copyAddressCommand,
  openDashboard: async (parts) => {
    await (await parts.dashboard.get()).open();
    await keepEditor();
  },
  backup: runtime.backupCommand,
  addKey: keys.addKeyCommand,
  openKey: keys.openKeyCommand,
  openKeyAs: keys.openKeyAsCommand,
  deleteKey: keys.deleteKeyCommand,
  copyKey: keys.copyKeyCommand,
  filterKeys: keys.filterKeysCommand,
  clearKeyFilter: keys.clearKeyFilterCommand,
  loadMoreKeys: keys.loadMoreKeysCommand,
  refresh: async (parts) => {
    await Promise.all([parts.projects.refresh(), parts.platform.refresh()]);
    parts.refreshViews();
  },
  openWalkthrough: async (parts) => {
    const id = runtime.walkthroughId(parts.context.extension.id);
    await commands.executeCommand("workbench.action.openWalkthrough", id);
  },
  reportIssue: runtime.reportIssueCommand,
};

/** Commands that do nothing in a workspace that is not trusted, whatever the menus say. */
export const RESTRICTED_OK: ReadonlySet<CommandName> = new Set([
  "openSource",
  "showRuntimeLog",
  "showExtensionLog",
  "copyKey",
  "refresh",
  "openWalkthrough",
  "reportIssue",
] as const);
