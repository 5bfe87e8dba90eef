import { readFile } from "node:fs/promises";
import type { Client } from "../../devkit/client.ts";
import { whyUnreadable } from "../../devkit/why-unreadable.ts";
import { MocError } from "../protocol/errors.ts";

/** Sends bytes to the runtime; answers their techID. */
export async function sendBlob(
  client: Client,
  blob: { readonly bytes: Uint8Array; readonly contentType: string; readonly name?: string },
): Promise<string> {
  const query = blob.name === undefined ? {} : { name: blob.name };
  const headers = { "content-type": blob.contentType };
  const { tech_id } = await client.call("putBlob", { query, body: blob.bytes }, { headers });
  return tech_id;
}

/**
 * Reads a file that was named on the command line.
 * @throws MocError MOC_NOT_FOUND
 */
export async function readOperandFile(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const message = `The file ${file} ${whyUnreadable(error)}.`;
    throw new MocError("MOC_NOT_FOUND", message, { cause: error });
  }
}
