/** Every setting, declared once; ids carry `myOwnCluster.`. */

type Scope = "resource" | "window" | "machine" | "machine-overridable";

export interface Setting {
  readonly type: "string" | "boolean" | "integer";
  readonly default: string | boolean | number;
  readonly scope: Scope;
  readonly markdownDescription: string;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  /** Ignored in Restricted Mode, because it names an executable, a path or a task. */
  readonly restricted?: true;
}

export const SETTINGS = {
  "deploy.trigger": {
    type: "string",
    default: "onSave",
    scope: "resource",
    enum: ["onSave", "onChange", "off"],
    enumDescriptions: [
      "Build and deploy a function whenever one of its files is saved.",
      "Save, build and deploy shortly after each edit.",
      "Deploy only when asked.",
    ],
    markdownDescription:
      "When a function is built and deployed by itself; unless it is `off`, one that is live follows what other programs change on disk, too. See also `#myOwnCluster.deploy.debounceMs#`.",
  },
  "deploy.debounceMs": {
    type: "integer",
    default: 400,
    minimum: 50,
    maximum: 60_000,
    scope: "resource",
    markdownDescription:
      "Pause in typing, in milliseconds, after which an edit is deployed when `#myOwnCluster.deploy.trigger#` is `onChange`.",
  },
  "deploy.preTask": {
    type: "string",
    default: "",
    scope: "resource",
    restricted: true,
    markdownDescription:
      "Label of a task in `tasks.json` to run before each deploy asked for by a command. A task that fails stops the deploy. See also `#myOwnCluster.deploy.postTask#`.",
  },
  "deploy.postTask": {
    type: "string",
    default: "",
    scope: "resource",
    restricted: true,
    markdownDescription:
      "Label of a task in `tasks.json` to run after each deploy asked for by a command. See also `#myOwnCluster.deploy.preTask#`.",
  },
  "runtime.autoStart": {
    type: "boolean",
    default: true,
    scope: "window",
    markdownDescription:
      "Start the runtime when a folder with functions is opened. Otherwise it starts with the first deploy or invocation.",
  },
  "runtime.nodePath": {
    type: "string",
    default: "",
    scope: "machine",
    restricted: true,
    markdownDescription:
      "Node.js 24 or newer that runs the runtime. Empty: the editor's own Node where it is new enough, else the `node` found on the PATH. GPU functions need a Node of their own: the desktop editor's cannot load the GPU library.",
  },
  "runtime.port": {
    type: "integer",
    default: 0,
    minimum: 0,
    maximum: 65_535,
    scope: "machine-overridable",
    markdownDescription:
      "Port of the runtime on `#myOwnCluster.runtime.host#`. `0`: a free one is chosen.",
  },
  "runtime.host": {
    type: "string",
    default: "127.0.0.1",
    scope: "machine-overridable",
    restricted: true,
    markdownDescription:
      "Address on which functions can be reached. Those of this machine alone unless it is changed: with `0.0.0.0` everybody in your networks can call them; changing the platform needs its token from anywhere.",
  },
  "runtime.dataFolder": {
    type: "string",
    default: "",
    scope: "machine-overridable",
    restricted: true,
    markdownDescription:
      "Folder with everything the runtime keeps: functions, plugs, keys, certificate. Relative to the first workspace folder. Empty: a folder of its own in the editor's storage.",
  },
  "runtime.gpuAdapter": {
    type: "string",
    default: "",
    scope: "machine-overridable",
    markdownDescription:
      "What runs GPU functions, from the runtime's next start: part of an adapter's name as `moc gpu` lists it, `software` for computing on the processor, or `none`. Empty: the best there is.",
  },
  "runtime.keepAliveSeconds": {
    type: "integer",
    default: 15,
    minimum: 3,
    maximum: 86_400,
    scope: "machine-overridable",
    markdownDescription:
      "How long the runtime goes on after the last window that uses it is closed. A window reload takes a few seconds.",
  },
  "invoke.timeoutMs": {
    type: "integer",
    default: 60_000,
    minimum: 100,
    maximum: 3_600_000,
    scope: "resource",
    markdownDescription: "How long an invocation waits for its answer, in milliseconds.",
  },
  "codeLens.enabled": {
    type: "boolean",
    default: true,
    scope: "resource",
    markdownDescription: "Show **Invoke** over start functions and over sample inputs.",
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
type Widened<T> = T extends string ? string : T extends number ? number : boolean;
/** Value type of a setting. */
export type SettingValue<N extends SettingName> = Widened<(typeof SETTINGS)[N]["default"]>;

/** Ids of the settings that are ignored in Restricted Mode. */
export function restrictedSettings(): string[] {
  return Object.entries(SETTINGS)
    .filter(([, setting]) => "restricted" in setting)
    .map(([name]) => `myOwnCluster.${name}`);
}
