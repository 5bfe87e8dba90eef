import type { Plug } from "../protocol/model.ts";
import type { PlatformState } from "./platform-state.ts";
import type { Stats } from "./stats.ts";

/**
 * JSON text of the original's `get_status`: plugs by `METHOD/PATH` with their JSON as text, names,
 * blobs, filters, counters.
 * @param full with the plugs' and filters' data, which may hold secrets
 */
export function coreStatus(state: PlatformState, stats: Stats, full: boolean): string {
  return JSON.stringify({
    plugs: Object.fromEntries(
      state.plugs.list().map((plug) => [originalPlugKey(plug), originalPlugJson(plug, full)]),
    ),
    blob_names: [...state.names.all()].map(({ name, techID }) => ({ name, tech_id: techID })),
    blobs: [...state.blobs.all()].map((blob) => ({
      tech_id: blob.techID,
      content_type: blob.contentType,
      length: blob.length,
    })),
    filters: state.filters.list().map(({ id, name, start_function, data }) => ({
      id,
      name,
      start_function,
      data: full ? data : "",
    })),
    statistics: stats.counters,
  });
}

/** `get//hello/!name`: the original joins method and path with a slash. */
export function originalPlugKey(plug: Plug): string {
  return `${plug.method}/${plug.path}`;
}

/** A plug as the original stores it. */
export function originalPlugJson(plug: Plug, full = true): string {
  const tags = Object.keys(plug.tags).length > 0 ? { tags: plug.tags } : {};
  if (plug.type === "file") return JSON.stringify({ type: "file", name: plug.name, ...tags });
  return JSON.stringify({
    type: "function",
    name: plug.name,
    ...tags,
    start_function: plug.start_function,
    ...(full && plug.data !== "" && { data: plug.data }),
  });
}
