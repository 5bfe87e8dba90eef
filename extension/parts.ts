import type { ExtensionContext, TreeView } from "vscode";
import type { FunctionLogs } from "./function-logs.ts";
import type { FunctionItem } from "./functions/function-item.ts";
import type { Platform } from "./functions/platform.ts";
import type { KeyFileSystem } from "./keys/key-file-system.ts";
import type { Live } from "./live.ts";
import type { LiveReporter } from "./live-reporter.ts";
import type { Logs } from "./log.ts";
import type { OnDemand } from "./on-demand.ts";
import type { DashboardPanel } from "./panels/dashboard-panel.ts";
import type { Problems } from "./problems.ts";
import type { Projects } from "./projects.ts";
import type { RequestPanels } from "./request/request-panel.ts";
import type { RuntimeControl } from "./runtime/runtime-control.ts";
import type { SampleWatch } from "./samples/sample-watch.ts";
import type { StatusBar } from "./status-bar.ts";
import type { FunctionsTree } from "./trees/functions-tree.ts";
import type { KeysTree } from "./trees/keys-tree.ts";
import type { PlugsTree } from "./trees/plugs-tree.ts";
import type { RuntimeTree } from "./trees/runtime-tree.ts";

/** The objects of one window, made in wiring.ts; what commands work with. */
export interface Parts {
  readonly context: ExtensionContext;
  readonly logs: Logs;
  readonly status: StatusBar;
  readonly problems: Problems;
  readonly projects: Projects;
  readonly runtime: RuntimeControl;
  readonly platform: Platform;
  readonly live: Live;
  readonly reporter: LiveReporter;
  readonly requests: OnDemand<RequestPanels>;
  readonly functionLogs: FunctionLogs;
  readonly sampleWatch: SampleWatch;
  readonly dashboard: OnDemand<DashboardPanel>;
  readonly functionsTree: FunctionsTree;
  readonly plugsTree: PlugsTree;
  readonly keyTree: KeysTree;
  readonly runtimeTree: RuntimeTree;
  readonly runtimeView: TreeView<unknown>;
  readonly keyFiles: KeyFileSystem;
  /** Folder of the runtime's data. */
  readonly dataFolder: () => string;
  /** All functions that the window knows. */
  readonly items: () => readonly FunctionItem[];
  /** Draws the views anew. */
  readonly refreshViews: () => void;
}
