import { FUNCTION_LIMITS, type LimitName } from "../protocol/limits.ts";
import type { FrontParts } from "./front-parts.ts";

/**
 * Largest request body of the function that a plug names, in bytes.
 * @throws MOC_NOT_FOUND nothing has this name
 */
export function requestLimitBytes(name: string, parts: FrontParts): number {
  return limitOf("requestMiB", name, parts) * 1024 * 1024;
}

/**
 * Largest headers of an answer of the function that a plug names, in bytes.
 * @throws MOC_NOT_FOUND nothing has this name
 */
export function headerLimitBytes(name: string, parts: FrontParts): number {
  return limitOf("headersKiB", name, parts) * 1024;
}

function limitOf(limit: LimitName, name: string, parts: FrontParts): number {
  const wished = parts.names.resolve(name).settings.limits?.[limit];
  const { default: byDefault, ceiling } = FUNCTION_LIMITS[limit];
  return Math.min(wished ?? byDefault, parts.ceilings?.[limit] ?? ceiling);
}
