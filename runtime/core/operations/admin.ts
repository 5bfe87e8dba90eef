import type { HostStream } from "../host-stream.ts";
import type { UnusedBlobs } from "../unused-blobs.ts";
import type { RuntimeFacts } from "./observe.ts";
import { type OperationBody, type Operations, readableStream } from "./operation.ts";

/** Copies of everything; implemented by storage/. */
export interface Archive {
  /** Everything as tar.gz, from a snapshot. */
  backup(): AsyncIterable<Uint8Array>;
  /**
   * Replaces everything, or nothing.
   * @returns number of entries
   * @throws MOC_ARCHIVE saying which entry
   */
  restore(archive: AsyncIterable<Uint8Array>): Promise<number>;
  /** Everything as JSON text in the original's layout. */
  exportDatabase(): AsyncIterable<Uint8Array>;
}

const READ_BYTES = 256 * 1024;

/** Backup, restore, export, what is used no more, sign-in links, stop. */
export function adminOperations(
  archive: Archive,
  unused: UnusedBlobs,
  facts: RuntimeFacts,
): Operations {
  return {
    backup: () => ({ stream: readableStream(archive.backup()) }),
    restore: async (_argument, body) => ({
      json: { status: true, entries: await archive.restore(partsOf(body)) },
    }),
    exportDatabase: () => ({ stream: readableStream(archive.exportDatabase()) }),
    removeUnusedBlobs: async (argument) => {
      const found = argument.flag("dry_run") ? unused.find() : await unused.remove();
      const bytes = found.reduce((sum, blob) => sum + blob.length, 0);
      return { json: { status: true, blobs: found.length, bytes } };
    },
    signInLink: () => ({ json: { status: true, path: facts.signInPath() } }),
    stop: () => {
      facts.stop();
      return { json: { status: true } };
    },
  };
}

async function* partsOf(body: OperationBody): AsyncIterable<Uint8Array> {
  if (body === undefined) return;
  if (body instanceof Uint8Array) {
    yield body;
    return;
  }
  const stream: HostStream = body;
  try {
    for (let part = await stream.read(READ_BYTES); part; part = await stream.read(READ_BYTES)) {
      yield part;
    }
  } finally {
    stream.close();
  }
}
