import { posix } from "node:path";
import type { FunctionProject } from "../../devkit/manifest.ts";
import type { FunctionSummary } from "../../runtime/protocol/rest.ts";
import { isSystemPlug } from "../../runtime/protocol/system-plug.ts";

/** A function as the editor sees it: sources here, a deployed version, or both. */
export interface FunctionItem {
  readonly name: string;
  readonly project?: FunctionProject;
  readonly summary?: FunctionSummary;
}

/** Sources and deployed functions, matched by name, in alphabetical order. */
export function functionItems(
  projects: readonly FunctionProject[],
  functions: readonly FunctionSummary[],
): FunctionItem[] {
  const items = new Map<string, FunctionItem>();
  for (const project of projects) {
    items.set(project.manifest.name, { name: project.manifest.name, project });
  }
  for (const summary of functions) {
    items.set(summary.name, { ...items.get(summary.name), name: summary.name, summary });
  }
  return [...items.values()]
    .filter((item) => item.project || !isSystem(item))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** First path that the function answers, with its method; undefined when it has none. */
export function firstPlug(item: FunctionItem): { method: string; path: string } | undefined {
  const [deployed] = item.summary?.plugs ?? [];
  if (deployed) return { method: deployed.method, path: deployed.path };
  const [local] = item.project?.manifest.plugs ?? [];
  return local && { method: local.method ?? "get", path: local.path };
}

/** A project that stands for a function whose sources are not here. */
export function projectOf(item: FunctionItem): FunctionProject {
  if (item.project) return item.project;
  const plugs = (item.summary?.plugs ?? []).map(({ method, path }) => ({ method, path }));
  return {
    folder: "/",
    manifestFile: posix.join("/", "moc.json"),
    manifest: { name: item.name, language: "prebuilt", plugs },
  };
}

/** Without the functions that the platform brings along. */
export function userFunctions(functions: readonly FunctionSummary[]): readonly FunctionSummary[] {
  return functions.filter((summary) => !isSystem({ summary }));
}

/** Functions that the platform brings along are no business of the user's lists. */
function isSystem({ summary }: Pick<FunctionItem, "summary">): boolean {
  const plugs = summary?.plugs ?? [];
  return plugs.length > 0 && plugs.every(isSystemPlug);
}
