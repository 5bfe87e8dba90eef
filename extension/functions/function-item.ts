import { posix } from "node:path";
import type { FunctionProject } from "../../devkit/manifest.ts";
import type { Manifest } from "../../devkit/manifest-shape.ts";
import type { Plug } from "../../runtime/protocol/model.ts";
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

/** A method and a path pattern. */
export interface Place {
  readonly method: string;
  readonly path: string;
  /** It stands for so many published files. */
  readonly files?: number;
}

/** First path that the function answers, with its method; undefined when it has none. */
export function firstPlug(item: FunctionItem): Place | undefined {
  const [deployed] = placesOf(item);
  return deployed ?? (item.project && manifestPlugs(item.project.manifest)[0]);
}

/** Where a function answers, as it is deployed or else as it will be; its files are one place. */
export function placesOf({ summary, project }: FunctionItem): readonly Place[] {
  if (!summary) return project ? manifestPlugs(project.manifest) : [];
  const called = summary.plugs.filter(({ type }) => type === "function");
  const files = summary.plugs.filter(({ type }) => type === "file");
  const site = siteOf(files);
  return [
    ...called.map(({ method, path }) => ({ method, path })),
    ...(site ? [{ method: site.method, path: site.path, files: files.length }] : []),
  ];
}

/** Where a manifest plugs its function; of one that only has files, where those are. */
export function manifestPlugs({ plugs = [], files = [] }: Manifest): readonly Place[] {
  if (plugs.length > 0) return plugs.map(({ method = "get", path }) => ({ method, path }));
  return files.map(({ path, dir }) => ({
    method: "get",
    path: dir === undefined ? path : path.replace(/\/*$/, "/"),
  }));
}

/** Of published files the one that shows the others: the shortest path of a folder. */
function siteOf(plugs: readonly Plug[]): Plug | undefined {
  const shortest = plugs.toSorted((a, b) => a.path.length - b.path.length);
  return shortest.find(({ path }) => path.endsWith("/")) ?? shortest[0];
}

/** A project that stands for a function whose sources are not here. */
export function projectOf(item: FunctionItem): FunctionProject {
  if (item.project) return item.project;
  const plugs = placesOf(item).map(({ method, path }) => ({ method, path }));
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
