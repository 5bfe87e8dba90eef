import { basename, join } from "node:path";
import {
  type Command,
  type Disposable,
  EventEmitter,
  l10n,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  Uri,
} from "vscode";
import { MANIFEST_FILE } from "../../devkit/manifest.ts";
import { readSamples, type SampleFile } from "../../devkit/samples.ts";
import type { NameVersion } from "../../runtime/protocol/model.ts";
import { commandId } from "../contributions/commands.ts";
import { type FunctionItem, firstPlug, placesOf } from "../functions/function-item.ts";
import type { BrokenManifest } from "../projects.ts";

/** A line of the first level. */
type RootNode =
  | { readonly kind: "function"; readonly item: FunctionItem }
  | { readonly kind: "invalid"; readonly broken: BrokenManifest };

/** A line of the Functions view. */
type FunctionNode =
  | RootNode
  | {
      readonly kind: "plug";
      readonly item: FunctionItem;
      readonly method: string;
      readonly path: string;
      readonly files?: number;
    }
  | { readonly kind: "sample"; readonly item: FunctionItem; readonly sample: SampleFile }
  | { readonly kind: "group"; readonly item: FunctionItem; readonly group: "versions" | "limits" }
  | {
      readonly kind: "version";
      readonly item: FunctionItem;
      readonly version: NameVersion;
      readonly current: boolean;
    }
  | { readonly kind: "limit"; readonly name: string; readonly value: number };

interface FunctionsTreeParts {
  items(): readonly FunctionItem[];
  versions(name: string): Promise<readonly NameVersion[]>;
  isBroken(name: string): boolean;
  /** Functions whose moc.json cannot be read. */
  broken(): readonly BrokenManifest[];
  /** Whether it is known what is deployed. */
  isRunning(): boolean;
}

/** The Functions view: each function with its plugs, samples, versions and limits. */
export class FunctionsTree implements TreeDataProvider<FunctionNode>, Disposable {
  readonly #changed = new EventEmitter<RootNode[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #parts: FunctionsTreeParts;
  /** The lines of the first level, by id. */
  #lines = new Map<string, RootNode>();

  constructor(parts: FunctionsTreeParts) {
    this.#parts = parts;
  }

  /**
   * Draws what has changed. Where the lines are the same as before, each is drawn anew: while the editor
   * asks for all of them, it does not know for which one a click was meant.
   */
  refresh(): void {
    const before = [...this.#lines.keys()].join("\n");
    const lines = this.#roots();
    const isSame = [...this.#lines.keys()].join("\n") === before;
    this.#changed.fire(isSame ? lines : undefined);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async getChildren(node?: FunctionNode): Promise<FunctionNode[]> {
    if (!node) return this.#roots();
    if (node.kind === "function") return this.#ofFunction(node.item);
    if (node.kind !== "group") return [];
    const { item } = node;
    if (node.group === "limits") {
      return Object.entries(limitsOf(item)).map(([name, value]) => ({
        kind: "limit",
        name,
        value,
      }));
    }
    const versions = await this.#parts.versions(item.name);
    return versions.map((version, index) => ({
      kind: "version",
      item,
      version,
      current: index === 0,
    }));
  }

  getTreeItem(node: FunctionNode): TreeItem {
    if (node.kind === "function") return this.#functionItem(node.item);
    if (node.kind === "invalid") return invalidItem(node.broken);
    if (node.kind === "plug") return plugItem(node);
    if (node.kind === "sample") return sampleItem(node);
    if (node.kind === "version") return versionItem(node);
    if (node.kind === "limit") {
      const item = new TreeItem(node.name);
      item.description = String(node.value);
      item.iconPath = new ThemeIcon("dashboard");
      return item;
    }
    const label = node.group === "versions" ? l10n.t("Versions") : l10n.t("Limits");
    const group = new TreeItem(label, TreeItemCollapsibleState.Collapsed);
    group.iconPath = new ThemeIcon(node.group === "versions" ? "history" : "dashboard");
    return group;
  }

  #roots(): RootNode[] {
    const items = this.#parts.items();
    const unknown = this.#parts.broken().filter((one) => !items.some((item) => isOf(one, item)));
    const before = this.#lines;
    const lines = [
      ...items.map((item): RootNode => ({ kind: "function", item })),
      ...unknown.map((broken): RootNode => ({ kind: "invalid", broken })),
    ];
    // The editor knows lines by their objects: one that was there before is changed, not replaced.
    this.#lines = new Map(
      lines.map((line) => [lineID(line), Object.assign(before.get(lineID(line)) ?? line, line)]),
    );
    return [...this.#lines.values()];
  }

  #stateOf(item: FunctionItem): string {
    const { summary, name } = item;
    if (this.#parts.isBroken(name)) return l10n.t("build failed");
    if (summary) return l10n.t("revision {0}", summary.revision);
    return this.#parts.isRunning() ? l10n.t("not deployed") : "";
  }

  #isInvalid(item: FunctionItem): boolean {
    return this.#parts.broken().some((one) => isOf(one, item));
  }

  async #ofFunction(item: FunctionItem): Promise<FunctionNode[]> {
    const samples = item.project ? await readSamples(item.project) : [];
    return [
      ...placesOf(item).map((place): FunctionNode => ({ kind: "plug", item, ...place })),
      ...samples.map((sample): FunctionNode => ({ kind: "sample", item, sample })),
      ...(item.summary ? ([{ kind: "group", item, group: "versions" }] as const) : []),
      ...(Object.keys(limitsOf(item)).length > 0
        ? ([{ kind: "group", item, group: "limits" }] as const)
        : []),
    ];
  }

  #functionItem(item: FunctionItem): TreeItem {
    const { summary, project, name } = item;
    const tree = new TreeItem(name, TreeItemCollapsibleState.Collapsed);
    tree.id = functionLineID(name);
    const broken = this.#parts.isBroken(name) || this.#isInvalid(item);
    tree.iconPath = new ThemeIcon(
      broken ? "warning" : summary ? "symbol-function" : "circle-outline",
    );
    const language = summary?.settings.language ?? project?.manifest.language ?? "";
    tree.description = this.#isInvalid(item)
      ? NOT_VALID()
      : [language, this.#stateOf(item)].filter(Boolean).join(" · ");
    tree.contextValue = [
      "function",
      ...(summary ? ["deployed"] : []),
      ...(project ? ["local"] : []),
      ...(firstPlug(item) ? ["plugged"] : []),
      // Of files there is nothing to debug, and nothing that calls the guest API.
      ...(language === "static-site" ? [] : ["code"]),
    ].join(";");
    tree.accessibilityInformation = { label: `${name}, ${tree.description}` };
    if (summary) {
      const { calls, errors, p50Ms, p99Ms, techID } = summary;
      tree.tooltip = [
        name,
        ...(calls > 0
          ? [
              l10n.t("{0} calls, {1} failed", calls, errors),
              l10n.t("p50 {0} ms, p99 {1} ms", p50Ms.toFixed(1), p99Ms.toFixed(1)),
            ]
          : [l10n.t("not called yet")]),
        techID.slice(0, 12),
      ].join("\n");
    }
    return tree;
  }
}

const functionLineID = (name: string): string => `function:${name}`;
const invalidLineID = (folder: string): string => `invalid:${folder}`;

function lineID(line: RootNode): string {
  return line.kind === "invalid"
    ? invalidLineID(line.broken.folder)
    : functionLineID(line.item.name);
}

const NOT_VALID = (): string => l10n.t("moc.json is not valid");

/** Whether a function was deployed from the folder of a moc.json that cannot be read now. */
function isOf({ folder }: BrokenManifest, { summary, project }: FunctionItem): boolean {
  return project === undefined && summary?.settings.sourceFolder === folder;
}

function invalidItem({ folder, error }: BrokenManifest): TreeItem {
  const item = new TreeItem(basename(folder));
  item.id = invalidLineID(folder);
  item.description = NOT_VALID();
  item.iconPath = new ThemeIcon("warning");
  item.tooltip = error.message;
  item.accessibilityInformation = { label: `${item.label}, ${item.description}` };
  item.command = {
    command: "vscode.open",
    title: l10n.t("Open"),
    arguments: [Uri.file(join(folder, MANIFEST_FILE))],
  };
  return item;
}

function limitsOf({ summary, project }: FunctionItem): Readonly<Record<string, number>> {
  return { ...(summary?.settings.limits ?? project?.manifest.limits) };
}

function plugItem(node: Extract<FunctionNode, { kind: "plug" }>): TreeItem {
  const item = new TreeItem(node.path);
  const method = node.method.toUpperCase();
  item.description =
    node.files === undefined ? method : `${method} · ${l10n.t("{0} files", node.files)}`;
  item.iconPath = new ThemeIcon(node.files === undefined ? "plug" : "files");
  item.tooltip = l10n.t("Invoke {0}", node.path);
  item.accessibilityInformation = { label: `${node.path}, ${item.description}` };
  item.command = command("invoke", l10n.t("Invoke"), node);
  return item;
}

function sampleItem(node: Extract<FunctionNode, { kind: "sample" }>): TreeItem {
  const item = new TreeItem(node.sample.name);
  item.description = l10n.t("sample");
  item.iconPath = new ThemeIcon(node.sample.sample ? "beaker" : "warning");
  item.resourceUri = Uri.file(node.sample.file);
  item.command = {
    command: "vscode.open",
    title: l10n.t("Open"),
    arguments: [Uri.file(node.sample.file)],
  };
  item.contextValue = "sample";
  return item;
}

function versionItem({ version, current }: Extract<FunctionNode, { kind: "version" }>): TreeItem {
  const item = new TreeItem(new Date(version.at).toLocaleString());
  item.description = `${version.techID.slice(0, 12)}${current ? ` · ${l10n.t("serving")}` : ""}`;
  item.iconPath = new ThemeIcon(current ? "check" : "git-commit");
  item.contextValue = current ? "version;current" : "version";
  return item;
}

function command(name: Parameters<typeof commandId>[0], title: string, argument: unknown): Command {
  return { command: commandId(name), title, arguments: [argument] };
}
