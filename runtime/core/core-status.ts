import type { Plug } from "../protocol/model.ts";
import type { PlatformState } from "./platform-state.ts";

/**
 * The original's status: `plugs` ("method/path" to the plug as JSON text), `blob_names`, `blobs`,
 * `filters`, `statistics`.
 * @param full with the data of plugs and filters, which may hold secrets
 */
export function coreStatus(
  state: PlatformState,
  statistics: Readonly<Record<string, number>>,
  full: boolean,
): string {
  const plugs = state.plugs
    .list()
    .map((plug) => [`${plug.method}/${plug.path}`, plugJson(plug, full)]);
  return JSON.stringify({
    plugs: Object.fromEntries(plugs),
    blob_names: [...state.names.all()].map(({ name, techID }) => ({ name, tech_id: techID })),
    blobs: [...state.blobs.all()].map(({ techID, contentType, length }) => ({
      tech_id: techID,
      content_type: contentType,
      length,
    })),
    filters: state.filters.list().map(({ id, name, start_function, data }) => ({
      id,
      name,
      start_function,
      data: full ? data : "",
    })),
    statistics,
  });
}

function plugJson(plug: Plug, full: boolean): string {
  const { type, name, tags } = plug;
  if (type === "file") return JSON.stringify({ type, name, tags });
  const { start_function, data } = plug;
  return JSON.stringify({ type, name, tags, start_function, data: full ? data : "" });
}
