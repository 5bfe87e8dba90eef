import { API_ROOT, REST, type RestName } from "../../runtime/protocol/rest.ts";

interface Parts {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
}

/** Path and query of a REST call, below the runtime's address. */
export function restUrl(name: RestName, parts: Parts = {}): string {
  const path = REST[name].path.replace(/([!*])([\w-]+)/g, (_, kind: string, key: string) => {
    const value = parts.path?.[key] ?? "";
    return kind === "*"
      ? value.split("/").map(encodeURIComponent).join("/")
      : encodeURIComponent(value);
  });
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parts.query ?? {})) {
    if (value !== undefined && value !== "") query.set(key, String(value));
  }
  const search = query.size > 0 ? `?${query}` : "";
  return `${API_ROOT}${path}${search}`;
}
