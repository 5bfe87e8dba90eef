import { hash } from "node:crypto";
import { MocError } from "../runtime/protocol/errors.ts";
import type { Client } from "./client.ts";

interface Upload {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

const UPLOADS_AT_ONCE = 4;

/** Blobs that a runtime is known to have, so that nobody asks twice. */
const known = new WeakMap<Client, Set<string>>();

/** A few megabytes take milliseconds, and each deploy asks twice. */
const techIDs = new WeakMap<Uint8Array, string>();

/** SHA-256 of the bytes, as the runtime names blobs; they are not changed from then on. */
export function techIDOf(bytes: Uint8Array): string {
  const known = techIDs.get(bytes) ?? hash("sha256", bytes);
  techIDs.set(bytes, known);
  return known;
}

interface UploadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Most likely new: sent without asking first. */
  readonly fresh?: boolean;
}

/** Makes sure that the runtime has the blobs; answers how many bytes were sent. */
export async function uploadMissing(
  client: Client,
  uploads: readonly Upload[],
  options: UploadOptions = {},
): Promise<number> {
  const missing = new Map(uploads.map((upload) => [techIDOf(upload.bytes), upload]));
  for (const techID of knownBlobs(client)) missing.delete(techID);
  const waiting = [...missing];
  let sent = 0;
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [techID, upload] = next;
      if (options.fresh || !(await has(client, techID, options.signal))) {
        await put(client, upload, options.signal);
        sent += upload.bytes.length;
      }
      knownBlobs(client).add(techID);
    }
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, work));
  return sent;
}

/** Ask again for every blob: the runtime's store was replaced. */
export function forgetBlobs(client: Client): void {
  known.delete(client);
}

function knownBlobs(client: Client): Set<string> {
  const set = known.get(client) ?? new Set();
  known.set(client, set);
  return set;
}

async function has(
  client: Client,
  techID: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    await client.call("headBlob", { path: { tech_id: techID } }, { signal });
    return true;
  } catch (error) {
    if (error instanceof MocError && error.code === "MOC_NOT_FOUND") return false;
    throw error;
  }
}

async function put(
  client: Client,
  { bytes, contentType }: Upload,
  signal: AbortSignal | undefined,
): Promise<void> {
  const headers = { "content-type": contentType };
  await client.call("putBlob", { body: bytes }, { headers, signal });
}
