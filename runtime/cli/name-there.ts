import type { Client } from "../../devkit/client.ts";
import { MocError } from "../protocol/errors.ts";

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
