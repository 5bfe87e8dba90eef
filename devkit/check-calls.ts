import { readFile } from "node:fs/promises";
import type { Client } from "./client.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { FunctionProject } from "./manifest.ts";
import { MANIFEST, type Manifest } from "./manifest-shape.ts";
import { nearest } from "./nearest.ts";
import { readShape } from "./read-shape.ts";

/**
 * Warns of functions that a moc.json says to call and that are neither deployed nor about to be: most
 * likely a name was mistyped, and the call would fail.
 * @param alongside - names that are being deployed too
 */
export async function checkCalls(
  client: Client,
  { manifest, manifestFile }: FunctionProject,
  alongside: Iterable<string> = [],
): Promise<readonly Diagnostic[]> {
  const { calls = [], name } = manifest;
  const near = new Set([...alongside, name]);
  if (calls.every((one) => near.has(one))) return [];
  const { functions } = await client.call("functions");
  for (const one of functions) near.add(one.name);
  const unknown = calls.map((one, i) => ({ one, i })).filter(({ one }) => !near.has(one));
  if (unknown.length === 0) return [];
  const text = await readFile(manifestFile, "utf8");
  const { locate } = readShape<Manifest>(MANIFEST, text, manifestFile);
  near.delete(name);
  return unknown.map(({ one, i }) => {
    const meant = nearest(one, near);
    const hint = meant ? `did you mean "${meant}"?` : "deploy it too";
    const message = `calls names "${one}", which is not deployed; ${hint}`;
    const place = locate(`calls[${i}]`);
    return { file: manifestFile, ...place, severity: "warning", message, code: "MOC_NOT_FOUND" };
  });
}
