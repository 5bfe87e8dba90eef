import { MocError } from "../protocol/errors.ts";
import type { Database } from "./level-reader.ts";

/** Version of the layout that this program writes. */
const SCHEMA_VERSION = 1;

/**
 * How a database of version N becomes one of N + 1, by N. A migration writes its changes and the
 * new version in one batch, so that a crash leaves the one or the other.
 */
const MIGRATIONS: ReadonlyMap<number, (db: Database) => Promise<void>> = new Map();

const SCHEMA_KEY = Buffer.from("!meta!schema");
const GENERATION_KEY = Buffer.from("!meta!generation");

interface Meta {
  /** Which `data-N` sublevel holds the content. */
  readonly generation: number;
}

/**
 * Reads the database's own facts, migrating it where it is older; a new database gets them.
 * @throws MOC_DATA_UNUSABLE when it was written by a newer version of the program
 */
export async function readMeta(db: Database): Promise<Meta> {
  const stored = db.getSync(SCHEMA_KEY);
  if (!stored) {
    await db.batch(
      [
        { type: "put", key: SCHEMA_KEY, value: number(SCHEMA_VERSION) },
        { type: "put", key: GENERATION_KEY, value: number(1) },
      ],
      { sync: true },
    );
    return { generation: 1 };
  }
  await migrate(db, parse(stored, "schema"));
  const generation = db.getSync(GENERATION_KEY);
  if (!generation) throw damaged("generation");
  return { generation: parse(generation, "generation") };
}

/** Makes another sublevel the content: the switch of a restore. */
export function writeGeneration(db: Database, generation: number): Promise<void> {
  return db.put(GENERATION_KEY, number(generation), { sync: true });
}

async function migrate(db: Database, version: number): Promise<void> {
  if (version > SCHEMA_VERSION) {
    throw new MocError(
      "MOC_DATA_UNUSABLE",
      `the database has schema version ${version}, this program knows ${SCHEMA_VERSION}: it was written by a newer version; use that one`,
    );
  }
  for (let at = version; at < SCHEMA_VERSION; at++) {
    const step = MIGRATIONS.get(at);
    if (!step) throw damaged(`schema version ${at}`);
    await step(db);
  }
}

function number(value: number): Uint8Array {
  return Buffer.from(String(value));
}

function parse(bytes: Uint8Array, what: string): number {
  const value = Number(Buffer.from(bytes).toString());
  if (!Number.isSafeInteger(value) || value < 1) throw damaged(what);
  return value;
}

function damaged(what: string): MocError {
  return new MocError(
    "MOC_DATA_CORRUPT",
    `the database has no valid ${what}; nothing was changed. Restore a backup into a new folder`,
  );
}
