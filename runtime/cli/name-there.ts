import type { Client } from "../../devkit/client.ts";
import type { FunctionProject } from "../../devkit/manifest.ts";
import { MocError } from "../protocol/errors.ts";
import type { Terminal } from "./terminal.ts";

/** A failure may be the function's own; that it is not there at all is worth a line. */
export async function tellUndeployed(
  client: Client,
  { manifest: { name }, folder }: FunctionProject,
  terminal: Terminal,
): Promise<void> {
  if (await isThere(client, name)) return;
  terminal.note(`${name} is not deployed on ${client.target.baseUrl}: "moc deploy ${folder}".`);
}

/** Whether something is registered under a name, or a blob has the techID. */
export async function isThere(client: Client, reference: string): Promise<boolean> {
  const techID = /^techID:\/\/(.*)$/.exec(reference)?.[1];
  try {
    if (techID !== undefined) await client.call("headBlob", { path: { tech_id: techID } });
    else await client.call("name", { path: { name: reference } });
    return true;
  } catch (error) {
    if (error instanceof MocError && error.code === "MOC_NOT_FOUND") return false;
    throw error;
  }
}
