import type { DirectReads } from "../core/keyspace.ts";
import { readError } from "./database-error.ts";
import { type Database, prefixed } from "./level-reader.ts";
import { loadLevelDb } from "./load-leveldb.ts";

/** Reads one section of the store from another thread of the process that has it open. */
interface DirectReader {
  get(key: Uint8Array): Uint8Array | undefined;
}

/**
 * Opens the very database that the main thread has open (LevelDB is one object per process, shared
 * by its threads), so that a read costs what LevelDB's read costs and no message. It ends with its
 * thread.
 */
export async function openDirectReader({ location, prefix }: DirectReads): Promise<DirectReader> {
  const Level = await loadLevelDb();
  const db: Database = new Level(location, {
    keyEncoding: "view",
    valueEncoding: "view",
    multithreading: true,
    createIfMissing: false,
  });
  await db.open();
  const base = Buffer.from(prefix);
  return {
    get(key) {
      try {
        return db.getSync(prefixed(base, key));
      } catch (error) {
        throw readError(location, error);
      }
    },
  };
}
