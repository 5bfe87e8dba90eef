import type { FunctionImage } from "../protocol/executor-messages.ts";
import { resolveLimits } from "../protocol/limits.ts";

/** A function that nobody deployed, for {@link Engine.rehearsals}. */
export function rehearsal(contentType: string, start: string, bytes: Uint8Array): FunctionImage {
  const settings = { start };
  return { name: "rehearsal", techID: "", contentType, bytes, settings, limits: resolveLimits() };
}
