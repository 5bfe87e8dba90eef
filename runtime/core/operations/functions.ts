import type { Plug } from "../../protocol/model.ts";
import type { FunctionSummary } from "../../protocol/rest.ts";
import type { PlatformState } from "../platform-state.ts";
import type { Stats } from "../stats.ts";

export interface FunctionParts {
  readonly state: PlatformState;
  readonly stats: Stats;
  /** Whether a content type belongs to an engine. */
  isExecutable(contentType: string): boolean;
}

const NO_PLUGS: readonly Plug[] = [];

/** In what a static site is written: nothing of it runs, its files are all there is. */
const STATIC_SITE = "static-site";

/** All functions and static sites with what belongs to them, ascending by name. */
export function functionSummaries(parts: FunctionParts): FunctionSummary[] {
  const { state, stats } = parts;
  // The files of a deploy are plugs of blobs without a name, but the function owns them.
  const plugs = Map.groupBy(state.plugs.list(), (plug) => plug.owner ?? plug.name);
  const functions: FunctionSummary[] = [];
  for (const name of state.names.all()) {
    const blob = state.blobs.info(name.techID);
    const isSite = name.settings.language === STATIC_SITE;
    if (!blob || !(isSite || parts.isExecutable(blob.contentType))) continue;
    functions.push({
      name: name.name,
      techID: name.techID,
      revision: name.revision,
      contentType: blob.contentType,
      length: blob.length,
      deployedAt: name.history[0]?.at ?? blob.createdAt,
      settings: name.settings,
      plugs: plugs.get(name.name) ?? NO_PLUGS,
      filters: state.filters.list().filter((filter) => filter.name === name.name),
      ...stats.figures(name.name),
    });
  }
  return functions.sort((a, b) => (a.name < b.name ? -1 : 1));
}
