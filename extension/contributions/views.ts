import { commandId } from "./commands.ts";

const link = (text: string, name: Parameters<typeof commandId>[0]): string =>
  `[${text}](command:${commandId(name)})`;

/** Ids of the views in our activity bar container. */
export const VIEWS = {
  functions: "myOwnCluster.functions",
  plugs: "myOwnCluster.plugs",
  keys: "myOwnCluster.keys",
  runtime: "myOwnCluster.runtimeView",
} as const;

export const VIEW_CONTAINER = "myOwnCluster";
export const TASK_TYPE = "my-own-cluster";
export const PROBLEM_MATCHER = "my-own-cluster";
export const KEY_SCHEME = "moc-kv";
export const RESPONSE_SCHEME = "moc-response";
export const LOG_SCHEME = "moc-log";
export const PANELS = {
  request: "myOwnCluster.request",
  dashboard: "myOwnCluster.dashboard",
} as const;
export const WALKTHROUGH = "start";

/** Views in the order of the container. */
export const VIEW_LIST = [
  { id: VIEWS.functions, name: "Functions", icon: "$(symbol-function)" },
  { id: VIEWS.plugs, name: "Plugs and Filters", icon: "$(plug)", visibility: "collapsed" },
  { id: VIEWS.keys, name: "Key-Value Store", icon: "$(database)", visibility: "collapsed" },
  { id: VIEWS.runtime, name: "Runtime", icon: "$(server-process)", visibility: "collapsed" },
] as const;

interface Welcome {
  readonly view: string;
  readonly when: string;
  readonly contents: string;
}

const STOPPED = "!myOwnCluster.runtime || myOwnCluster.runtime == stopped";
const STARTING = "myOwnCluster.runtime =~ /^(starting|restarting)$/";
const FAILED = "myOwnCluster.runtime == failed";

/** Text of empty views: no folder, no function, not trusted, runtime stopped, starting, failed. */
export const WELCOME: readonly Welcome[] = [
  {
    view: VIEWS.functions,
    when: "!isWorkspaceTrusted",
    contents:
      "This folder is in Restricted Mode: functions are neither built nor run.\n[Manage Workspace Trust](command:workbench.trust.manage)",
  },
  {
    view: VIEWS.functions,
    when: "isWorkspaceTrusted && workbenchState == empty",
    contents: `Open a folder to keep your functions in, or create the first one.\n[Open Folder](command:vscode.openFolder)\n${link("Create Function", "createFunction")}`,
  },
  {
    // Without it the editor would speak of data providers until the extension runs.
    view: VIEWS.functions,
    when: "isWorkspaceTrusted && workbenchState != empty && !myOwnCluster.looked",
    contents: "Looking for functions in this folder.",
  },
  {
    view: VIEWS.functions,
    when: "isWorkspaceTrusted && workbenchState != empty && myOwnCluster.looked",
    contents: `No function here yet. Write one, save it, and it is live.\n${link("Create Function", "createFunction")}\nOr ${link("adopt a folder or file", "adopt")} you have already. New here? ${link("Open the walkthrough", "openWalkthrough")}.`,
  },
  ...[VIEWS.plugs, VIEWS.keys, VIEWS.runtime].flatMap((view): Welcome[] => [
    {
      view,
      when: `isWorkspaceTrusted && (${STOPPED})`,
      contents: `The runtime is stopped. It starts with the first deploy.\n${link("Start Runtime", "startRuntime")}`,
    },
    {
      view,
      when: `isWorkspaceTrusted && ${STARTING}`,
      contents: "The runtime is starting.",
    },
    {
      view,
      when: `isWorkspaceTrusted && ${FAILED}`,
      contents: `The runtime could not start, or ended: the view Runtime and its log say why.\n${link("Start Runtime", "startRuntime")}\n${link("Show Runtime Log", "showRuntimeLog")}`,
    },
    {
      view,
      when: "!isWorkspaceTrusted",
      contents:
        "The runtime does not run in Restricted Mode.\n[Manage Workspace Trust](command:workbench.trust.manage)",
    },
  ]),
  {
    view: VIEWS.plugs,
    when: "myOwnCluster.runtime == running",
    contents: "No plugs: nothing answers at a path yet. Name some in a function's `moc.json`.",
  },
  {
    view: VIEWS.keys,
    when: "myOwnCluster.runtime == running && !myOwnCluster.keyFilter",
    contents: `The store is empty. Functions fill it, or you do.\n${link("Add Key", "addKey")}`,
  },
  {
    view: VIEWS.keys,
    when: "myOwnCluster.runtime == running && myOwnCluster.keyFilter",
    contents: `No key has this prefix.\n${link("Show All Keys", "clearKeyFilter")}`,
  },
];
