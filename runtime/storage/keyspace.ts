import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type {
  Change,
  Cursor,
  DirectReads,
  Entry,
  KeyRange,
  Keyspace,
  KeyspaceReader,
  KeyspaceSnapshot,
  KeyspaceWriter,
  Operation,
  Section,
} from "../core/keyspace.ts";
import { MocError } from "../protocol/errors.ts";
import { corrupt, openError, readError, writeError } from "./database-error.ts";
import { type FolderLock, lockFolder } from "./folder-lock.ts";
import { GroupCommit } from "./group-commit.ts";
import { after, type Database, generationName, LevelReader, prefixed } from "./level-reader.ts";
import { loadLevelDb } from "./load-leveldb.ts";
import { readMeta, writeGeneration } from "./schema.ts";

interface KeyspaceOptions {
  /** Bytes of LevelDB's block cache. */
  readonly cacheBytes?: number;
}

/** Bytes that a replacing content gathers before they are written. */
const REPLACE_BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Opens (or makes) the store of a data folder, alone.
 * @throws MOC_DATA_LOCKED, MOC_DATA_UNUSABLE, MOC_DATA_CORRUPT, MOC_PLATFORM; the folder is as before then
 */
export async function openKeyspace(
  folder: string,
  options: KeyspaceOptions = {},
): Promise<Keyspace> {
  const lock = lockFolder(folder);
  try {
    const db = await openDatabase(lock.folder, options);
    try {
      const meta = await readMeta(db);
      const keyspace = new LevelKeyspace(db, meta.generation, lock);
      await clearOtherGenerations(db, meta.generation);
      return keyspace;
    } catch (error) {
      await db.close();
      throw readError(db.location, error);
    }
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openDatabase(folder: string, options: KeyspaceOptions): Promise<Database> {
  const Level = await loadLevelDb();
  const location = join(folder, "database");
  refuseHeadless(location);
  makeDatabaseFolder(location);
  const db: Database = new Level(location, {
    keyEncoding: "view",
    valueEncoding: "view",
    // Executors read the key-value store in their own threads: see direct-reader.ts.
    multithreading: true,
    cacheSize: options.cacheBytes ?? 32 * 1024 * 1024,
  });
  try {
    await db.open();
    return db;
  } catch (error) {
    throw openError(location, error);
  }
}

/** The store holds secrets of functions: only its owner may read it. */
function makeDatabaseFolder(location: string): void {
  try {
    mkdirSync(location, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw openError(location, error);
  }
}

/** Without its CURRENT file LevelDB would start an empty database over what is left of the old. */
function refuseHeadless(location: string): void {
  let files: string[];
  try {
    files = readdirSync(location);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw openError(location, error);
  }
  if (files.includes("CURRENT")) return;
  const left = files.find((name) => /\.(ldb|sst)$|^MANIFEST-/.test(name));
  if (left) throw corrupt(location, `it has no CURRENT file, but ${left}`);
}

class LevelKeyspace implements Keyspace {
  readonly #db: Database;
  readonly #lock: FolderLock;
  readonly #commits: GroupCommit;
  readonly #writes: Writes;
  #generation: number;
  #reader: LevelReader;
  #replacing = false;

  constructor(db: Database, generation: number, lock: FolderLock) {
    this.#db = db;
    this.#lock = lock;
    this.#generation = generation;
    this.#reader = new LevelReader(db, generation);
    this.#writes = new Writes(db);
    this.#commits = new GroupCommit((operations) => this.#write(operations));
  }

  get broken(): Promise<MocError> {
    return this.#writes.broken;
  }

  get(section: Section, key: Uint8Array): Uint8Array | undefined {
    return this.#reader.get(section, key);
  }

  read(section: Section, key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#reader.read(section, key);
  }

  cursor(section: Section, range?: KeyRange): Cursor {
    return this.#reader.cursor(section, range);
  }

  entries(section: Section, range?: KeyRange): AsyncIterable<Entry> {
    return this.#reader.entries(section, range);
  }

  commit(operations: readonly Operation[]): Promise<void> {
    return this.#commits.commit(operations);
  }

  transact<T>(prepare: () => Change<T>): Promise<T> {
    return this.#commits.transact(prepare);
  }

  snapshot(): KeyspaceSnapshot {
    const snapshot = this.#db.snapshot();
    const reader = new LevelReader(this.#db, this.#generation, snapshot);
    return {
      get: (section, key) => reader.get(section, key),
      read: (section, key) => reader.read(section, key),
      cursor: (section, range) => reader.cursor(section, range),
      entries: (section, range) => reader.entries(section, range),
      close: () => snapshot.close(),
    };
  }

  directReads(section: Section): DirectReads {
    return { location: this.#db.location, prefix: this.#reader.prefix(section) };
  }

  async replace(
    fill: (writer: KeyspaceWriter) => Promise<void>,
    prepare: (content: KeyspaceReader) => Promise<() => void>,
  ): Promise<void> {
    if (this.#replacing) {
      throw new MocError("MOC_CONFLICT", "another restore is under way; try again when it is done");
    }
    this.#replacing = true;
    const next = this.#generation + 1;
    const reader = new LevelReader(this.#db, next);
    try {
      const batch = new ReplacementWriter(this.#writes, reader);
      await fill(batch);
      await batch.flush();
      const apply = await prepare(reader);
      await this.#switchTo(next, reader, apply);
    } finally {
      this.#replacing = false;
      // Its failure would hide the first one; what is left over is removed at the next start.
      await clearOtherGenerations(this.#db, this.#generation).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await this.#commits.idle();
    await this.#db.close();
    this.#lock.release();
  }

  /** Runs between two writes, so that no commit falls between the old content and the new. */
  async #switchTo(generation: number, reader: LevelReader, apply: () => void): Promise<void> {
    await this.#commits.exclusive(async () => {
      await this.#writes.run((db) => writeGeneration(db, generation));
      this.#generation = generation;
      this.#reader = reader;
      apply();
    });
  }

  async #write(operations: readonly Operation[]): Promise<void> {
    const batch = operations.map((one) => {
      const key = prefixed(this.#reader.prefix(one.section), one.key);
      return one.type === "put"
        ? { type: "put" as const, key, value: one.value }
        : { type: "del" as const, key };
    });
    await this.#writes.run((db) => db.batch(batch, { sync: true }));
  }
}

class ReplacementWriter implements KeyspaceWriter {
  readonly written: LevelReader;
  readonly #writes: Writes;
  #batch: { type: "put"; key: Uint8Array; value: Uint8Array }[] = [];
  #bytes = 0;

  constructor(writes: Writes, reader: LevelReader) {
    this.#writes = writes;
    this.written = reader;
  }

  async put(section: Section, key: Uint8Array, value: Uint8Array): Promise<void> {
    this.#batch.push({ type: "put", key: prefixed(this.written.prefix(section), key), value });
    this.#bytes += key.length + value.length;
    if (this.#bytes > REPLACE_BATCH_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#bytes = 0;
    // Durable before the switch to it is: an old log file would not be synced by that write.
    if (batch.length > 0) await this.#writes.run((db) => db.batch(batch, { sync: true }));
  }
}

/** The way to the disk: what LevelDB says of a failure is told in our words, the first one to all. */
class Writes {
  readonly broken: Promise<MocError>;
  readonly #db: Database;
  readonly #break: (error: MocError) => void;

  constructor(db: Database) {
    const { promise, resolve } = Promise.withResolvers<MocError>();
    this.broken = promise;
    this.#break = resolve;
    this.#db = db;
  }

  /** @throws MOC_DATA_UNUSABLE, MOC_STOPPING */
  async run(write: (db: Database) => Promise<void>): Promise<void> {
    try {
      await write(this.#db);
    } catch (thrown) {
      const error = writeError(this.#db.location, thrown);
      if (error.code === "MOC_DATA_UNUSABLE") this.#break(error);
      throw error;
    }
  }
}

/** Removes what a restore replaced, or what one that did not finish left behind. */
async function clearOtherGenerations(db: Database, generation: number): Promise<void> {
  const own = Buffer.from(`!${generationName(generation)}!`);
  const all = Buffer.from("!data-");
  const end = after(all);
  await db.clear({ gte: all, lt: own });
  await db.clear({ gte: after(own) ?? own, ...(end && { lt: end }) });
}
