import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { SystemGuest } from "./build-guest.ts";

/** Script of a system guest: the bundle's asset; when running from sources it is built. */
export async function systemGuest(guest: SystemGuest): Promise<Uint8Array> {
  if (!import.meta.url.endsWith(".ts")) {
    return readFile(fileURLToPath(new URL(`assets/${guest}.js`, import.meta.url)));
  }
  const { buildSystemGuest } = await import("./build-guest.ts");
  return new TextEncoder().encode(await buildSystemGuest(guest));
}
