import {
  type Disposable,
  EventEmitter,
  l10n,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
} from "vscode";
import type { Filter, Plug } from "../../runtime/protocol/model.ts";
import { isSystemPlug } from "../../runtime/protocol/system-plug.ts";
import { COMMAND_PREFIX } from "../contributions/commands.ts";
import type { Snapshot } from "../functions/platform.ts";

/** A line of the Plugs and Filters view. */
type PlugNode =
  | { readonly kind: "filter"; readonly filter: Filter }
  | { readonly kind: "plug"; readonly plug: Plug };

/** The Plugs and Filters view: filters in their order, then plugs in matching order. */
export class PlugsTree implements TreeDataProvider<PlugNode>, Disposable {
  readonly #changed = new EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #snapshot: () => Snapshot;

  constructor(snapshot: () => Snapshot) {
    this.#snapshot = snapshot;
  }

  refresh(): void {
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  getChildren(node?: PlugNode): PlugNode[] {
    if (node) return [];
    const { filters, plugs } = this.#snapshot();
    return [
      ...filters.map((filter): PlugNode => ({ kind: "filter", filter })),
      ...plugs
        .filter((plug) => !isSystemPlug(plug))
        .map((plug): PlugNode => ({ kind: "plug", plug })),
    ];
  }

  getTreeItem(node: PlugNode): TreeItem {
    return node.kind === "filter" ? filterItem(node.filter) : plugItem(node);
  }
}

function filterItem(filter: Filter): TreeItem {
  const item = new TreeItem(filter.name);
  item.id = `filter:${filter.id}`;
  item.description = l10n.t("filter, order {0}", filter.order);
  item.iconPath = new ThemeIcon("filter");
  item.contextValue = "filter";
  item.accessibilityInformation = { label: `${filter.name}, ${item.description}` };
  item.tooltip = [filter.name, filter.start_function, filter.data].filter(Boolean).join("\n");
  return item;
}

function plugItem(node: Extract<PlugNode, { readonly kind: "plug" }>): TreeItem {
  const { plug } = node;
  const item = new TreeItem(plug.path);
  const host = plug.host ? ` @${plug.host}` : "";
  item.description = `${plug.method.toUpperCase()}${host} → ${plug.owner ?? plug.name}`;
  item.iconPath = new ThemeIcon(plug.type === "file" ? "file" : "plug");
  item.contextValue = `plug;${plug.type}`;
  item.accessibilityInformation = { label: `${plug.path}, ${item.description}` };
  if (plug.type === "function") {
    item.command = {
      command: `${COMMAND_PREFIX}invoke`,
      title: l10n.t("Invoke"),
      arguments: [node],
    };
  }
  return item;
}
