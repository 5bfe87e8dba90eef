/**
 * What the platform asks of its store: ordered sections of bytes, atomic durable writes, snapshots.
 * Implemented over LevelDB by storage/keyspace.ts; a cluster store can take its place.
 */

import type { MocError } from "../protocol/errors.ts";

/** The parts of the store. Each has its own keys. */
const SECTIONS = ["blob-info", "blob-bytes", "names", "plugs", "filters", "kv"] as const;
/** One of the parts. */
export type Section = (typeof SECTIONS)[number];

/** A write of one key. */
export type Operation =
  | {
      readonly type: "put";
      readonly section: Section;
      readonly key: Uint8Array;
      readonly value: Uint8Array;
    }
  | { readonly type: "del"; readonly section: Section; readonly key: Uint8Array };

/** Keys that start with `prefix`, after `after` (exclusive), ascending by bytes. */
export interface KeyRange {
  readonly prefix?: Uint8Array | undefined;
  readonly after?: Uint8Array | undefined;
}

/** Walks over keys and, where asked for, values. Close it. */
export interface Cursor {
  next(): Promise<Entry | undefined>;
  /** Continues at the first key that is not less than `key`. */
  seek(key: Uint8Array): void;
  close(): Promise<void>;
}

/** A key with its value. */
export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Reads of the store. */
export interface KeyspaceReader {
  /** What is on disk now; a write that is under way is not seen. */
  get(section: Section, key: Uint8Array): Uint8Array | undefined;
  /** The same without holding up the thread: for large values. */
  read(section: Section, key: Uint8Array): Promise<Uint8Array | undefined>;
  /** A cursor sees the section as it was when the cursor was made. */
  cursor(section: Section, range?: KeyRange): Cursor;
  entries(section: Section, range?: KeyRange): AsyncIterable<Entry>;
}

/** A change that was worked out from the present state, and how memory follows it. */
export interface Change<T = void> {
  readonly operations: readonly Operation[];
  /** Called when the operations are on disk and before anything else is prepared. */
  readonly apply?: () => void;
  readonly result: T;
}

/** How a reader beside the main thread finds a section: see storage/direct-reader.ts. */
export interface DirectReads {
  /** Folder of the database. */
  readonly location: string;
  /** Stands before every key of the section. */
  readonly prefix: Uint8Array;
}

/** The store as it was at one moment. */
export interface KeyspaceSnapshot extends KeyspaceReader {
  close(): Promise<void>;
}

/** Takes the content that is to replace everything; nothing of it is seen before the end. */
export interface KeyspaceWriter {
  put(section: Section, key: Uint8Array, value: Uint8Array): Promise<void>;
  /** What was written so far, for checks. */
  readonly written: KeyspaceReader;
}

/** The store of a data folder. */
export interface Keyspace extends KeyspaceReader {
  /**
   * Resolves when all operations are on disk; they are there together or not at all. Commits that
   * wait at the same time share one write (group commit). The bytes must stay as they are until then.
   */
  commit(operations: readonly Operation[]): Promise<void>;
  /**
   * Like `commit`, but the operations are worked out when every earlier write is on disk, and no
   * other write comes between: for changes that depend on what is there.
   * @throws whatever `prepare` throws; nothing is written then
   */
  transact<T>(prepare: () => Change<T>): Promise<T>;
  /** Settles at the first write that the disk did not take: none succeeds after it, reads go on. */
  readonly broken: Promise<MocError>;
  snapshot(): KeyspaceSnapshot;
  /** How other threads of this process may read a section themselves, until the next `replace`. */
  directReads(section: Section): DirectReads;
  /**
   * Replaces the whole content atomically. `fill` writes the new content beside the old one;
   * `prepare` reads it and answers how memory follows. If either throws, the old content stays.
   */
  replace(
    fill: (writer: KeyspaceWriter) => Promise<void>,
    prepare: (content: KeyspaceReader) => Promise<() => void>,
  ): Promise<void>;
  /** Waits for writes under way, then lets go of the folder. */
  close(): Promise<void>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A text as a key, in UTF-8. */
export function textKey(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of a key that was made by {@link textKey}. */
export function keyText(key: Uint8Array): string {
  return decoder.decode(key);
}

/** A value as JSON in UTF-8; {@link bytesJson} reads it. */
export function jsonBytes(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** Parses what this program wrote itself: the caller believes the type. */
export function bytesJson<T>(bytes: Uint8Array): T {
  return JSON.parse(decoder.decode(bytes)) as T;
}

/** Two changes as one. */
export function joinChanges(changes: readonly Change<unknown>[]): Change {
  return {
    operations: changes.flatMap((change) => change.operations),
    apply: () => {
      for (const change of changes) change.apply?.();
    },
    result: undefined,
  };
}
