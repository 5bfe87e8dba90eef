import {
  type Disposable,
  EventEmitter,
  l10n,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
} from "vscode";
import type { ExecutorStatus, Status } from "../../runtime/protocol/rest.ts";
import type { RuntimeState } from "../runtime/runtime-control.ts";

/** A line of the Runtime view. */
type RuntimeNode =
  | {
      readonly kind: "fact";
      readonly icon: string;
      readonly label: string;
      readonly value: string;
      readonly context?: string;
    }
  | { readonly kind: "executors" }
  | { readonly kind: "executor"; readonly executor: ExecutorStatus };

/** The Runtime view: state, address, data folder, memory and executors. */
export class RuntimeTree implements TreeDataProvider<RuntimeNode>, Disposable {
  readonly #changed = new EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #state: () => RuntimeState;
  readonly #status: () => Promise<Status | undefined>;

  #timer: NodeJS.Timeout | undefined;

  constructor(state: () => RuntimeState, status: () => Promise<Status | undefined>) {
    this.#state = state;
    this.#status = status;
  }

  /** Executors come and go with the load: they are read at most twice a second. */
  refreshSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#changed.fire();
    }, 500);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#changed.dispose();
  }

  async getChildren(node?: RuntimeNode): Promise<RuntimeNode[]> {
    const state = this.#state();
    if (state.kind !== "running") return [];
    const status = await this.#status();
    if (!status) return [];
    if (node?.kind === "executors") {
      return status.executors.map((executor) => ({ kind: "executor", executor }));
    }
    if (node) return [];
    const origin = state.owned ? l10n.t("started by this window") : l10n.t("shared");
    return [
      fact("pulse", l10n.t("State"), `${l10n.t("running")}, ${origin}`),
      ...storeFacts(status),
      fact("globe", l10n.t("Address"), status.url, "address"),
      fact(
        "versions",
        l10n.t("Version"),
        `${status.version}, Node ${status.node.replace(/^v/, "")}, pid ${status.pid}`,
      ),
      fact("folder", l10n.t("Data"), status.dataFolder),
      fact("chip", l10n.t("Memory"), mebibytes(status.memory.rssBytes)),
      { kind: "executors" },
    ];
  }

  getTreeItem(node: RuntimeNode): TreeItem {
    if (node.kind === "executors") {
      const item = new TreeItem(l10n.t("Executors"), TreeItemCollapsibleState.Collapsed);
      item.iconPath = new ThemeIcon("server");
      return item;
    }
    if (node.kind === "executor") {
      const { id, state, calls, memoryBytes } = node.executor;
      const item = new TreeItem(node.executor.function || l10n.t("spare"));
      item.description = `${state} · ${l10n.t("{0} calls", calls)} · ${mebibytes(memoryBytes)}`;
      item.id = `executor:${id}`;
      item.iconPath = new ThemeIcon(state === "busy" ? "debug-start" : "debug-pause");
      return item;
    }
    const item = new TreeItem(node.label);
    item.description = node.value;
    item.tooltip = node.value;
    item.accessibilityInformation = { label: `${node.label}, ${node.value}` };
    item.iconPath = new ThemeIcon(node.icon);
    if (node.context) item.contextValue = node.context;
    return item;
  }
}

function fact(icon: string, label: string, value: string, context?: string): RuntimeNode {
  return { kind: "fact", icon, label, value, ...(context && { context }) };
}

/** Only when there is something to do about it. */
function storeFacts({ store = { state: "ok" } }: Status): readonly RuntimeNode[] {
  if (store.state === "ok") return [];
  return [fact("error", l10n.t("Store"), l10n.t("takes no writes: {0}", store.error.message))];
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
