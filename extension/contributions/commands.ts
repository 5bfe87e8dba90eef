/** Every command of the extension, declared once; ids carry {@link COMMAND_PREFIX}. */

export const COMMAND_PREFIX = "myOwnCluster.";

interface Command {
  /** Title Case, verb and noun; ends with … when it will ask something. */
  readonly title: string;
  readonly icon?: string;
  /** Greyed out unless it holds. */
  readonly enablement: string;
  /** Condition in the palette; `false` for commands that need an argument and have a twin. */
  readonly palette: string | false;
}

const TRUSTED = "isWorkspaceTrusted";
const RUNNING = "isWorkspaceTrusted && myOwnCluster.runtime == running";
const STARTED =
  "isWorkspaceTrusted && myOwnCluster.runtime && myOwnCluster.runtime != stopped && myOwnCluster.runtime != failed";
const ALWAYS = "true";

const command = (
  title: string,
  enablement: string,
  details: { icon?: string; palette?: string | false } = {},
): Command => ({
  title,
  enablement,
  palette: details.palette ?? ALWAYS,
  ...(details.icon && { icon: `$(${details.icon})` }),
});

export const COMMANDS = {
  createFunction: command("Create Function…", TRUSTED, { icon: "add" }),
  adopt: command("Adopt Folder or File as Function…", TRUSTED, { icon: "folder-library" }),
  build: command("Build Function", TRUSTED, { icon: "tools" }),
  deploy: command("Deploy", TRUSTED, { icon: "cloud-upload" }),
  deployAll: command("Deploy All Functions", TRUSTED, { icon: "run-all" }),
  invoke: command("Invoke with Sample Input…", TRUSTED, { icon: "play" }),
  invokeSample: command("Invoke Sample", TRUSTED, { icon: "play", palette: false }),
  newSample: command("New Sample Input…", TRUSTED, { icon: "new-file" }),
  cancelCall: command("Cancel Invocation", "myOwnCluster.invoking", { icon: "stop-circle" }),
  openUrl: command("Open Function URL", RUNNING, { icon: "link-external" }),
  copyUrl: command("Copy Function URL", RUNNING),
  copyCurl: command("Copy curl Command", RUNNING),
  openSource: command("Open Function Source", ALWAYS, { icon: "go-to-file" }),
  showFunctionLog: command("Show Function Log", TRUSTED, { icon: "output" }),
  rollback: command("Roll Back Function…", RUNNING, { icon: "history" }),
  undeploy: command("Undeploy Function…", RUNNING, { icon: "trash" }),
  unplug: command("Remove Plug or Filter…", RUNNING, { icon: "trash" }),
  refreshBindings: command("Refresh Guest Bindings", TRUSTED),
  debugFunction: command("Debug Function", TRUSTED, { icon: "debug-alt" }),
  startRuntime: command("Start Runtime", TRUSTED, {
    icon: "debug-start",
    palette: "!myOwnCluster.runtime || myOwnCluster.runtime =~ /^(stopped|failed)$/",
  }),
  stopRuntime: command("Stop Runtime", STARTED, {
    icon: "debug-stop",
    palette: "myOwnCluster.runtime =~ /^(starting|running|restarting)$/",
  }),
  restartRuntime: command("Restart Runtime", STARTED, {
    icon: "debug-restart",
    palette: "myOwnCluster.runtime =~ /^(starting|running|restarting)$/",
  }),
  showRuntimeLog: command("Show Runtime Log", ALWAYS, { icon: "output" }),
  showExtensionLog: command("Show Extension Log", ALWAYS),
  copyAddress: command("Copy Runtime Address", RUNNING, { icon: "copy" }),
  openDashboard: command("Open Dashboard", TRUSTED, { icon: "dashboard" }),
  backup: command("Back Up Data…", RUNNING, { icon: "archive" }),
  addKey: command("Add Key…", RUNNING, { icon: "add" }),
  openKey: command("Open Key…", RUNNING, { icon: "go-to-file" }),
  openKeyAs: command("Open Key As…", RUNNING, { icon: "file-binary" }),
  deleteKey: command("Delete Key…", RUNNING, { icon: "trash" }),
  copyKey: command("Copy Key", ALWAYS, { icon: "copy", palette: false }),
  filterKeys: command("Show Keys with Prefix…", RUNNING, { icon: "filter" }),
  clearKeyFilter: command("Show All Keys", RUNNING, { icon: "clear-all" }),
  loadMoreKeys: command("Load More Keys", RUNNING, { icon: "fold-down", palette: false }),
  refresh: command("Refresh Views", ALWAYS, { icon: "refresh" }),
  openWalkthrough: command("Open Walkthrough", ALWAYS),
  reportIssue: command("Collect Issue Report", ALWAYS),
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof COMMANDS;

/** Full id of a command, such as `myOwnCluster.deploy`. */
export function commandId(name: CommandName): string {
  return COMMAND_PREFIX + name;
}
