import {
  type Disposable,
  l10n,
  MarkdownString,
  StatusBarAlignment,
  type StatusBarItem,
  ThemeColor,
  window,
} from "vscode";
import { COMMAND_PREFIX, commandId } from "./contributions/commands.ts";
import { type StatusModel, type StatusView, statusView } from "./status-view.ts";

const PULSE_MS = 6000;
/** What is done within this time is not worth a flicker, nor the window's work to draw it. */
const QUICK_MS = 100;
const COMMANDS: Readonly<Partial<Record<StatusView["command"], string>>> = {
  problems: "workbench.actions.view.problems",
  trust: "workbench.trust.manage",
};

const TOOLTIP_COMMANDS = (
  [
    "openDashboard",
    "showRuntimeLog",
    "restartRuntime",
    "stopRuntime",
    "startRuntime",
    "invoke",
  ] as const
)
  .map(commandId)
  .concat(["openUrl", "copyUrl"].map((name) => COMMAND_PREFIX + name));

/** The one status bar item. */
export class StatusBar implements Disposable {
  readonly #item: StatusBarItem;
  #model: StatusModel;
  #pulseTimer: NodeJS.Timeout | undefined;
  #activityTimer: NodeJS.Timeout | undefined;
  /** What is being done, by what it is done to. */
  readonly #activities = new Map<string, string>();

  constructor(model: StatusModel) {
    this.#item = window.createStatusBarItem("myOwnCluster", StatusBarAlignment.Left, 10);
    this.#item.name = "My Own Cluster";
    this.#model = model;
    this.#show();
    this.#item.show();
  }

  update(change: Partial<StatusModel>): void {
    this.#model = { ...this.#model, ...change };
    this.#show();
  }

  /** Shows what is being done to something, the latest of all, unless it is quick; undefined: it is done. */
  activity(key: string, text: string | undefined): void {
    this.#activities.delete(key);
    if (text !== undefined) this.#activities.set(key, text);
    if (this.#model.activity !== undefined) this.#showActivity();
    else this.#activityTimer ??= setTimeout(() => this.#showActivity(), QUICK_MS);
  }

  /** Says something good for a few seconds. */
  pulse(text: string): void {
    clearTimeout(this.#pulseTimer);
    this.update({ pulse: text });
    this.#pulseTimer = setTimeout(() => {
      const { pulse: _, ...rest } = this.#model;
      this.#model = rest;
      this.#show();
    }, PULSE_MS);
  }

  /** The function that is being edited, with the first path that it answers. */
  current(shown: { readonly name: string; readonly path: string } | undefined): void {
    const { current: _, ...rest } = this.#model;
    this.#model = shown ? { ...rest, current: shown } : rest;
    this.#show();
  }

  dispose(): void {
    clearTimeout(this.#pulseTimer);
    clearTimeout(this.#activityTimer);
    this.#item.dispose();
  }

  #showActivity(): void {
    clearTimeout(this.#activityTimer);
    this.#activityTimer = undefined;
    const { activity: before, ...rest } = this.#model;
    const latest = [...this.#activities.values()].at(-1);
    if (latest === before) return;
    this.#model = latest === undefined ? rest : { ...rest, activity: latest };
    this.#show();
  }

  #show(): void {
    const view = statusView(this.#model, (message, ...values) => l10n.t(message, ...values));
    this.#item.text = view.text;
    const tooltip = new MarkdownString(view.tooltip, true);
    // Names of functions are in it: nothing but our own commands can be linked.
    tooltip.isTrusted = { enabledCommands: TOOLTIP_COMMANDS };
    this.#item.tooltip = tooltip;
    this.#item.command = COMMANDS[view.command] ?? COMMAND_PREFIX + view.command;
    this.#item.backgroundColor = view.background
      ? new ThemeColor(`statusBarItem.${view.background}Background`)
      : undefined;
    this.#item.accessibilityInformation = { label: view.label };
  }
}
