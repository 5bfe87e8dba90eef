import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Whether this code runs from its TypeScript sources instead of from the bundle. */
export const FROM_SOURCES = import.meta.url.endsWith(".ts");

/** Path of a file in `assets/` beside the bundle; undefined when running from sources. */
export function bundledAsset(name: string): string | undefined {
  if (FROM_SOURCES) return undefined;
  const path = fileURLToPath(new URL(`assets/${name}`, import.meta.url));
  return existsSync(path) ? path : undefined;
}
