import { Blobs, type BlobsOptions } from "./blobs.ts";
import type { Events } from "./events.ts";
import { Filters } from "./filters.ts";
import type { Keyspace, KeyspaceReader } from "./keyspace.ts";
import { Kv } from "./kv.ts";
import { Names } from "./names.ts";
import { Plugs } from "./plugs.ts";
import { UnusedBlobs } from "./unused-blobs.ts";

/** Everything that the data folder holds, as objects over one keyspace. */
export interface PlatformState {
  readonly keyspace: Keyspace;
  readonly events: Events;
  readonly blobs: Blobs;
  readonly names: Names;
  readonly plugs: Plugs;
  readonly filters: Filters;
  readonly kv: Kv;
  readonly unused: UnusedBlobs;
  /** Reads the indexes from `content`; the answer installs them all at once. */
  load(content: KeyspaceReader): Promise<() => void>;
}

interface StateOptions extends BlobsOptions {
  /** Told of each name that moved or went, as soon as new calls see it. */
  readonly onNameMoved?: (name: string) => void;
}

/** Makes the objects and loads their indexes. */
export async function openState(
  keyspace: Keyspace,
  events: Events,
  options: StateOptions = {},
): Promise<PlatformState> {
  const blobs = new Blobs(keyspace, options);
  const plugs = new Plugs(keyspace, events);
  const filters = new Filters(keyspace, events);
  const names: Names = new Names(keyspace, blobs, options.onNameMoved, (versions) =>
    unused.release(versions),
  );
  const unused = new UnusedBlobs({ keyspace, blobs, names, plugs, filters });
  const kv = new Kv(keyspace, events);
  const load = async (content: KeyspaceReader) => {
    const parts = [blobs, names, plugs, filters].map((one) => one.load(content));
    const installs = await Promise.all(parts);
    return () => {
      for (const install of installs) install();
    };
  };
  (await load(keyspace))();
  return { keyspace, events, blobs, names, plugs, filters, kv, unused, load };
}
