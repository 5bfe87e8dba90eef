import {
  type Disposable,
  EventEmitter,
  l10n,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
} from "vscode";
import type { Client } from "../../devkit/client.ts";
import type { KvEntry } from "../../runtime/protocol/rest.ts";
import { COMMAND_PREFIX } from "../contributions/commands.ts";
import { keyLabel } from "../keys/key-location.ts";

/** A line of the Key-Value Store view. */
type KeyNode =
  | { readonly kind: "key"; readonly key: Uint8Array; readonly length: number }
  | { readonly kind: "prefix"; readonly prefix: string }
  | { readonly kind: "more"; readonly prefix: string };

interface Loaded {
  readonly nodes: readonly KeyNode[];
  readonly next?: string;
}

const DELIMITER = "/";
const PAGE = 100;

/** The Key-Value Store view: keys grouped by their slashes, read page by page. */
export class KeysTree implements TreeDataProvider<KeyNode>, Disposable {
  readonly #changed = new EventEmitter<KeyNode | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #client: () => Client | undefined;
  /** What was loaded, by prefix; forgotten at a refresh, as many pages as there were come again. */
  readonly #pages = new Map<string, number>();
  #filter = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(client: () => Client | undefined) {
    this.#client = client;
  }

  get filter(): string {
    return this.#filter;
  }

  /** Shows only keys with a prefix; empty: all. */
  setFilter(prefix: string): void {
    this.#filter = prefix;
    this.refresh();
  }

  /** Reads again soon; many changes make one reading. */
  refresh(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#changed.fire(undefined);
    }, 150);
  }

  loadMore(prefix: string): void {
    this.#pages.set(prefix, (this.#pages.get(prefix) ?? 1) + 1);
    this.refresh();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#changed.dispose();
  }

  async getChildren(node?: KeyNode): Promise<KeyNode[]> {
    const client = this.#client();
    if (!client || (node && node.kind !== "prefix")) return [];
    const prefix = node ? node.prefix : this.#filter;
    const { nodes, next } = await this.#load(client, prefix);
    return next === undefined ? [...nodes] : [...nodes, { kind: "more", prefix }];
  }

  getTreeItem(node: KeyNode): TreeItem {
    if (node.kind === "prefix") {
      const shown = node.prefix.slice(parentLength(node.prefix));
      const item = new TreeItem(shown || node.prefix, TreeItemCollapsibleState.Collapsed);
      item.id = `prefix:${node.prefix}`;
      item.iconPath = new ThemeIcon("folder");
      item.contextValue = "prefix";
      return item;
    }
    if (node.kind === "more") {
      const item = new TreeItem(l10n.t("and more…"));
      item.iconPath = new ThemeIcon("ellipsis");
      item.contextValue = "more";
      return item;
    }
    return keyItem(node.key, node.length);
  }

  async #load(client: Client, prefix: string): Promise<Loaded> {
    const nodes: KeyNode[] = [];
    let after: string | undefined;
    for (let page = 0; page < (this.#pages.get(prefix) ?? 1); page++) {
      const query = {
        prefix,
        delimiter: DELIMITER,
        limit: PAGE,
        ...(after !== undefined && { after }),
      };
      const answer = await client.call("kvList", { query });
      nodes.push(
        ...answer.prefixes.map((one): KeyNode => ({ kind: "prefix", prefix: one })),
        ...answer.entries.map(
          (entry): KeyNode => ({ kind: "key", key: keyBytes(entry), length: entry.length }),
        ),
      );
      after = answer.next;
      if (after === undefined) return { nodes };
    }
    return { nodes, ...(after !== undefined && { next: after }) };
  }
}

/** Bytes of a listed key. */
export function keyBytes(entry: KvEntry): Uint8Array {
  return Buffer.from(entry.key_base64, "base64");
}

function keyItem(key: Uint8Array, length: number): TreeItem {
  const full = keyLabel(key);
  const item = new TreeItem(full.slice(parentLength(full)) || full);
  item.id = `key:${Buffer.from(key).toString("base64")}`;
  item.description = l10n.t("{0} bytes", length);
  item.tooltip = full;
  item.accessibilityInformation = { label: `${full}, ${item.description}` };
  item.iconPath = new ThemeIcon("key");
  item.contextValue = "key";
  item.command = {
    command: `${COMMAND_PREFIX}openKey`,
    title: l10n.t("Open Key"),
    arguments: [{ kind: "key", key, length }],
  };
  return item;
}

/** Length of the part that the line above already shows. */
function parentLength(key: string): number {
  return key.lastIndexOf(DELIMITER, key.length - 2) + 1;
}
