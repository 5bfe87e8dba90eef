import type { Plug } from "./model.ts";

/** Tags of the plugs that the platform makes for itself, as in the original. */
export const SYSTEM_TAGS = { category: "system-bootstrap" } as const;

/** Whether a plug is one that the platform made for itself. */
export function isSystemPlug({ tags }: Pick<Plug, "tags">): boolean {
  return tags.category === SYSTEM_TAGS.category;
}
