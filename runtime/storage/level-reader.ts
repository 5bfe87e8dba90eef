import type { AbstractSnapshot } from "abstract-level";
import type { ClassicLevel } from "classic-level";
import type { Cursor, Entry, KeyRange, KeyspaceReader, Section } from "../core/keyspace.ts";
import { readError } from "./database-error.ts";

/** LevelDB with keys and values of bytes. */
export type Database = ClassicLevel<Uint8Array, Uint8Array>;

/** Sublevel of the content; a restore fills another generation and then switches to it. */
export function generationName(generation: number): string {
  return `data-${generation}`;
}

/**
 * Key of a section's entry: abstract-level's own layout of nested sublevels. Made here because a
 * read through two sublevel objects takes twice as long as the read itself.
 */
function prefixOf(generation: number, section: Section): Buffer {
  return Buffer.from(`!${generationName(generation)}!!${section}!`);
}

/** A key behind the prefix of its section. */
export function prefixed(prefix: Buffer, key: Uint8Array): Buffer {
  const full = Buffer.allocUnsafe(prefix.length + key.length);
  full.set(prefix, 0);
  full.set(key, prefix.length);
  return full;
}

/** The least bytes that are greater than everything that starts with `prefix`. */
export function after(prefix: Uint8Array): Buffer | undefined {
  for (let i = prefix.length - 1; i >= 0; i--) {
    const byte = prefix[i];
    if (byte === undefined || byte === 0xff) continue;
    const bound = Buffer.from(prefix.subarray(0, i + 1));
    bound[i] = byte + 1;
    return bound;
  }
  return undefined;
}

/** Reads one generation, now or as it was at a snapshot. */
export class LevelReader implements KeyspaceReader {
  readonly #db: Database;
  readonly #snapshot: AbstractSnapshot | undefined;
  readonly #generation: number;
  readonly #prefixes = new Map<Section, Buffer>();

  constructor(db: Database, generation: number, snapshot?: AbstractSnapshot) {
    this.#db = db;
    this.#generation = generation;
    this.#snapshot = snapshot;
  }

  prefix(section: Section): Buffer {
    let prefix = this.#prefixes.get(section);
    if (!prefix) {
      prefix = prefixOf(this.#generation, section);
      this.#prefixes.set(section, prefix);
    }
    return prefix;
  }

  get(section: Section, key: Uint8Array): Uint8Array | undefined {
    const full = prefixed(this.prefix(section), key);
    try {
      if (!this.#snapshot) return this.#db.getSync(full);
      return this.#db.getSync(full, { snapshot: this.#snapshot });
    } catch (error) {
      throw readError(this.#db.location, error);
    }
  }

  async read(section: Section, key: Uint8Array): Promise<Uint8Array | undefined> {
    const full = prefixed(this.prefix(section), key);
    const options = { fillCache: false, ...(this.#snapshot && { snapshot: this.#snapshot }) };
    try {
      return await this.#db.get(full, options);
    } catch (error) {
      throw readError(this.#db.location, error);
    }
  }

  cursor(section: Section, range: KeyRange = {}): Cursor {
    const base = this.prefix(section);
    const prefix = prefixed(base, range.prefix ?? new Uint8Array());
    const start = range.after && prefixed(base, range.after);
    const lower = start && Buffer.compare(start, prefix) >= 0 ? { gt: start } : { gte: prefix };
    const upper = after(prefix);
    const iterator = this.#db.iterator({
      ...lower,
      ...(upper && { lt: upper }),
      fillCache: false,
      ...(this.#snapshot && { snapshot: this.#snapshot }),
    });
    return {
      next: async () => {
        const entry = await iterator.next().catch((error: unknown) => {
          throw readError(this.#db.location, error);
        });
        return entry && { key: entry[0].subarray(base.length), value: entry[1] };
      },
      seek: (key) => iterator.seek(prefixed(base, key)),
      close: () => iterator.close(),
    };
  }

  async *entries(section: Section, range?: KeyRange): AsyncIterable<Entry> {
    const cursor = this.cursor(section, range);
    try {
      for (let entry = await cursor.next(); entry; entry = await cursor.next()) yield entry;
    } finally {
      await cursor.close();
    }
  }
}
