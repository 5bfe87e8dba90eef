import type { CommandName } from "./commands.ts";

interface MenuItem {
  readonly command: CommandName;
  readonly when?: string;
  readonly group: string;
}

/** Files that are a function by themselves; scripts are only among functions, they are everywhere. */
const LONE_FILE =
  "resourceExtname =~ /^\\.(wasm|wat|wgsl|glsl|comp)$/ || resourceExtname =~ /^\\.m?js$/ && myOwnCluster.hasFunctions";
const OF_FUNCTION =
  "resourceDirname in myOwnCluster.functionFolders || resourceDirname in myOwnCluster.sourceFolders || resourcePath in myOwnCluster.sourceFiles";
const IN_FUNCTION = `resourcePath in myOwnCluster.functionFolders || ${OF_FUNCTION}`;
const FUNCTION_FILE = `isWorkspaceTrusted && (${OF_FUNCTION})`;
const FUNCTION = "view == myOwnCluster.functions && viewItem =~ /\\bfunction\\b/";
const DEPLOYED = "view == myOwnCluster.functions && viewItem =~ /\\bdeployed\\b/";
const LOCAL = "view == myOwnCluster.functions && viewItem =~ /\\blocal\\b/";
const CODE = "viewItem =~ /\\bcode\\b/";
const VERSION = "view == myOwnCluster.functions && viewItem == version";
const SAMPLE = "view == myOwnCluster.functions && viewItem == sample";
const KEY = "view == myOwnCluster.keys && viewItem =~ /\\bkey\\b/";

/** A button on a tree's line, and in its menu: the keyboard reaches only that. */
function onLine(command: CommandName, when: string, group: string): readonly MenuItem[] {
  return [
    { command, when, group: "inline@1" },
    { command, when, group },
  ];
}

/** Where commands appear beside the palette; order within a group by `@n`. */
export const MENUS: Readonly<Record<string, readonly MenuItem[]>> = {
  "explorer/context": [
    {
      command: "deploy",
      when: `isWorkspaceTrusted && (${IN_FUNCTION} || ${LONE_FILE} || explorerResourceIsFolder && myOwnCluster.hasFunctions)`,
      group: "8_myOwnCluster@1",
    },
    {
      command: "invoke",
      when: `isWorkspaceTrusted && (${IN_FUNCTION})`,
      group: "8_myOwnCluster@2",
    },
  ],
  "editor/title": [
    { command: "deploy", when: FUNCTION_FILE, group: "navigation@90" },
    { command: "invoke", when: FUNCTION_FILE, group: "1_myOwnCluster@1" },
    { command: "showFunctionLog", when: FUNCTION_FILE, group: "1_myOwnCluster@2" },
    { command: "openKeyAs", when: "resourceScheme == moc-kv", group: "navigation@90" },
  ],
  "file/newFile": [{ command: "createFunction", when: "isWorkspaceTrusted", group: "file@9" }],
  "view/title": [
    { command: "createFunction", when: "view == myOwnCluster.functions", group: "navigation@1" },
    { command: "deployAll", when: "view == myOwnCluster.functions", group: "navigation@2" },
    { command: "openDashboard", when: "view == myOwnCluster.functions", group: "navigation@3" },
    { command: "refresh", when: "view == myOwnCluster.functions", group: "1_view@1" },
    { command: "adopt", when: "view == myOwnCluster.functions", group: "1_view@2" },
    { command: "openWalkthrough", when: "view == myOwnCluster.functions", group: "9_help@1" },
    { command: "addKey", when: "view == myOwnCluster.keys", group: "navigation@1" },
    {
      command: "filterKeys",
      when: "view == myOwnCluster.keys && !myOwnCluster.keyFilter",
      group: "navigation@2",
    },
    {
      command: "clearKeyFilter",
      when: "view == myOwnCluster.keys && myOwnCluster.keyFilter",
      group: "navigation@2",
    },
    { command: "refresh", when: "view == myOwnCluster.keys", group: "navigation@3" },
    {
      command: "startRuntime",
      when: "view == myOwnCluster.runtimeView && !(myOwnCluster.runtime =~ /^(starting|running|restarting)$/)",
      group: "navigation@1",
    },
    {
      command: "restartRuntime",
      when: "view == myOwnCluster.runtimeView && myOwnCluster.runtime =~ /^(starting|running|restarting)$/",
      group: "navigation@1",
    },
    {
      command: "stopRuntime",
      when: "view == myOwnCluster.runtimeView && myOwnCluster.runtime =~ /^(starting|running|restarting)$/",
      group: "navigation@2",
    },
    { command: "showRuntimeLog", when: "view == myOwnCluster.runtimeView", group: "navigation@3" },
    { command: "backup", when: "view == myOwnCluster.runtimeView", group: "1_data@1" },
    { command: "reportIssue", when: "view == myOwnCluster.runtimeView", group: "9_help@1" },
  ],
  "view/item/context": [
    { command: "invoke", when: FUNCTION, group: "inline@1" },
    { command: "deploy", when: LOCAL, group: "inline@2" },
    { command: "openSource", when: LOCAL, group: "1_open@1" },
    { command: "openUrl", when: `${DEPLOYED} && viewItem =~ /\\bplugged\\b/`, group: "1_open@2" },
    { command: "showFunctionLog", when: DEPLOYED, group: "1_open@3" },
    { command: "invoke", when: FUNCTION, group: "2_run@1" },
    { command: "deploy", when: LOCAL, group: "2_run@2" },
    { command: "debugFunction", when: `${LOCAL} && ${CODE}`, group: "2_run@3" },
    { command: "newSample", when: LOCAL, group: "2_run@4" },
    { command: "copyUrl", when: `${DEPLOYED} && viewItem =~ /\\bplugged\\b/`, group: "3_copy@1" },
    { command: "copyCurl", when: `${DEPLOYED} && viewItem =~ /\\bplugged\\b/`, group: "3_copy@2" },
    { command: "refreshBindings", when: `${LOCAL} && ${CODE}`, group: "4_change@1" },
    { command: "rollback", when: DEPLOYED, group: "4_change@2" },
    { command: "undeploy", when: DEPLOYED, group: "9_remove@1" },
    ...onLine("rollback", VERSION, "4_change@1"),
    ...onLine("invokeSample", SAMPLE, "2_run@1"),
    ...onLine("invoke", "view == myOwnCluster.plugs && viewItem =~ /\\bfunction\\b/", "2_run@1"),
    {
      command: "unplug",
      when: "view == myOwnCluster.plugs && viewItem =~ /\\b(plug|filter)\\b/",
      group: "9_remove@1",
    },
    { command: "openKeyAs", when: KEY, group: "1_open@1" },
    { command: "copyKey", when: KEY, group: "3_copy@1" },
    ...onLine("deleteKey", KEY, "9_remove@1"),
    ...onLine("loadMoreKeys", "view == myOwnCluster.keys && viewItem =~ /\\bmore\\b/", "1_open@1"),
    ...onLine("copyAddress", "view == myOwnCluster.runtimeView && viewItem == address", "3_copy@1"),
  ],
};
