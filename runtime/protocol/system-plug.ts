import type { Plug } from "./model.ts";

/** Names of the functions that the platform brings itself; that of the REST API is the original's. */
export const SYSTEM_FUNCTIONS = { api: "core-api", dashboard: "dashboard" } as const;

/** Whether a function is one that the platform brings itself. */
export function isSystemFunction(name: string): boolean {
  return Object.values<string>(SYSTEM_FUNCTIONS).includes(name);
}

/** Tags of the plugs that the platform makes for itself, as in the original. */
export const SYSTEM_TAGS = { category: "system-bootstrap" } as const;

/** Whether a plug is one that the platform made for itself. */
export function isSystemPlug({ tags }: Pick<Plug, "tags">): boolean {
  return tags.category === SYSTEM_TAGS.category;
}
