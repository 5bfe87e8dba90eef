import {
  type Disposable,
  l10n,
  MarkdownString,
  StatusBarAlignment,
  type StatusBarItem,
  ThemeColor,
  window,
} from "vscode";
import { COMMAND_PREFIX } from "./contributions/commands.ts";
import { type StatusModel, type StatusView, statusView } from "./status-view.ts";

const PULSE_MS = 6000;
const COMMANDS: Readonly<Partial<Record<StatusView["command"], string>>> = {
  problems: "workbench.actions.view.problems",
  trust: "workbench.trust.manage",
};

/** The one status bar item. */
export class StatusBar implements Disposable {
  readonly #item: StatusBarItem;
  #model: StatusModel;
  #pulseTimer: NodeJS.Timeout | undefined;

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

  /** Shows what is being done; undefined: it is done. */
  activity(text: string | undefined): void {
    const { activity: _, ...rest } = this.#model;
    this.#model = text === undefined ? rest : { ...rest, activity: text };
    this.#show();
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

  /** Adds a function to those whose build failed, or takes it out. */
  broken(name: string, isBroken: boolean): void {
    const others = this.#model.broken.filter((one) => one !== name);
    this.update({ broken: isBroken ? [name, ...others] : others });
  }

  dispose(): void {
    clearTimeout(this.#pulseTimer);
    this.#item.dispose();
  }

  #show(): void {
    const view = statusView(this.#model, (message, ...values) => l10n.t(message, ...values));
    this.#item.text = view.text;
    const tooltip = new MarkdownString(view.tooltip, true);
    tooltip.isTrusted = true;
    this.#item.tooltip = tooltip;
    this.#item.command = COMMANDS[view.command] ?? COMMAND_PREFIX + view.command;
    this.#item.backgroundColor = view.background
      ? new ThemeColor(`statusBarItem.${view.background}Background`)
      : undefined;
    this.#item.accessibilityInformation = { label: view.label };
  }
}
