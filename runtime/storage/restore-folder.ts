import { Events } from "../core/events.ts";
import { openState } from "../core/platform-state.ts";
import { MocError } from "../protocol/errors.ts";
import { StoreArchive } from "./archive.ts";
import { openKeyspace } from "./keyspace.ts";

/**
 * Restores a backup into a data folder that no runtime uses and that holds nothing yet.
 * @returns number of objects and keys
 * @throws MOC_CONFLICT when the folder holds data, MOC_ARCHIVE, and as `openKeyspace`
 */
export async function restoreFolder(
  folder: string,
  archive: AsyncIterable<Uint8Array>,
): Promise<number> {
  const keyspace = await openKeyspace(folder);
  try {
    const state = await openState(keyspace, new Events());
    if (state.blobs.count > 0 || (await state.kv.list(new Uint8Array(), undefined, 1)).length > 0) {
      throw new MocError(
        "MOC_CONFLICT",
        `data folder ${folder} holds data already; restore into an empty one, or into the running instance`,
      );
    }
    return await new StoreArchive(state).restore(archive);
  } finally {
    await keyspace.close();
  }
}
