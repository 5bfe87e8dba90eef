import { hash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Pack, pack as packTar } from "tar-stream";
import { hashBlob } from "../core/blobs.ts";
import { type Entry, type KeyspaceSnapshot, keyText } from "../core/keyspace.ts";
import { MocError } from "../protocol/errors.ts";
import {
  type BackupFormat,
  type BackupManifest,
  FORMAT_ENTRY,
  FORMAT_NAME,
  FORMAT_VERSION,
  JSON_SECTIONS,
  type JsonSection,
  MANIFEST_ENTRY,
} from "./backup-format.ts";

/** Bytes after which an entry of records is closed and the next begun. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/** Everything in the snapshot as tar.gz, made as it is read. The snapshot is closed at the end. */
export async function* writeBackup(snapshot: KeyspaceSnapshot): AsyncGenerator<Uint8Array> {
  const tar = packTar();
  const gzip = createGzip();
  // What goes wrong in either reaches the reader as an error of gzip.
  const piped = pipeline(tar, gzip);
  const written = new BackupWriter(tar, snapshot).write().catch((error: unknown) => {
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    for await (const chunk of gzip) yield chunk as Uint8Array;
    await Promise.all([piped, written]);
  } finally {
    tar.destroy();
    await Promise.allSettled([piped, written]);
    await snapshot.close();
  }
}

class BackupWriter {
  readonly #tar: Pack;
  readonly #snapshot: KeyspaceSnapshot;
  readonly #entries: Record<string, string> = {};
  readonly #counts: Record<string, number> = {};

  constructor(tar: Pack, snapshot: KeyspaceSnapshot) {
    this.#tar = tar;
    this.#snapshot = snapshot;
  }

  async write(): Promise<void> {
    const at = new Date().toISOString();
    const format: BackupFormat = { format: FORMAT_NAME, version: FORMAT_VERSION, at };
    await this.#add(FORMAT_ENTRY, json(format));
    for (const section of JSON_SECTIONS) await this.#addJson(section);
    for await (const { key, value } of this.#snapshot.entries("blob-bytes")) {
      const techID = keyText(key);
      await checkBlob(techID, value);
      await this.#add(`blobs/${techID}`, Buffer.from(value), techID);
    }
    await this.#addRecords();
    await this.#add(
      MANIFEST_ENTRY,
      json({ counts: this.#counts, entries: this.#entries } satisfies BackupManifest),
    );
    this.#tar.finalize();
  }

  #addJson(section: JsonSection): Promise<void> {
    return this.#addChunks(section, "json", (entries) => {
      const values = entries.map(({ value }) => Buffer.from(value).toString());
      return Buffer.from(`[${values.join(",\n")}]\n`);
    });
  }

  #addRecords(): Promise<void> {
    return this.#addChunks("kv", "bin", (entries) =>
      Buffer.concat(entries.flatMap(({ key, value }) => [length(key), key, length(value), value])),
    );
  }

  async #addChunks(
    section: JsonSection | "kv",
    extension: string,
    encode: (entries: readonly Entry[]) => Buffer,
  ): Promise<void> {
    let chunk: Entry[] = [];
    let bytes = 0;
    let number = 0;
    let count = 0;
    const close = async () => {
      const name = `${section}/${String(++number).padStart(6, "0")}.${extension}`;
      await this.#add(name, encode(chunk));
      count += chunk.length;
      chunk = [];
      bytes = 0;
    };
    for await (const entry of this.#snapshot.entries(section)) {
      chunk.push(entry);
      bytes += entry.key.length + entry.value.length;
      if (bytes > CHUNK_BYTES) await close();
    }
    if (chunk.length > 0) await close();
    this.#counts[section] = count;
  }

  /** Resolves when the archive took the bytes, so that a slow reader is waited for. */
  #add(name: string, bytes: Buffer, sum = hash("sha256", bytes, "hex")): Promise<void> {
    this.#entries[name] = sum;
    return new Promise((resolve, reject) => {
      this.#tar.entry({ name, mode: 0o600 }, bytes, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }
}

/**
 * LevelDB reads without looking at its checksums: better no backup than one that cannot be restored.
 * @throws MOC_DATA_CORRUPT
 */
async function checkBlob(techID: string, bytes: Uint8Array): Promise<void> {
  if ((await hashBlob(bytes)) === techID) return;
  throw new MocError(
    "MOC_DATA_CORRUPT",
    `the bytes of blob ${techID} are not those that were stored: the disk damaged them. Restore an earlier backup, or undeploy what uses the blob and remove it with "moc gc"`,
  );
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, undefined, 1)}\n`);
}

function length(bytes: Uint8Array): Buffer {
  const encoded = Buffer.alloc(4);
  encoded.writeUInt32LE(bytes.length);
  return encoded;
}
