import type { KeyspaceWriter } from "../core/keyspace.ts";
import type { Archive } from "../core/operations/admin.ts";
import type { PlatformState } from "../core/platform-state.ts";
import { MocError } from "../protocol/errors.ts";
import { writeBackup } from "./backup.ts";
import { ContentWriter } from "./content-writer.ts";
import { exportOriginal, importOriginal } from "./original-layout.ts";
import { ARCHIVE_LIMITS, type ArchiveLimits, readArchive } from "./read-archive.ts";
import { restoreEntries } from "./restore.ts";

interface StoreArchiveOptions {
  /** Runs after a restore: puts back what the platform itself needs. */
  readonly afterRestore?: () => Promise<void>;
  readonly limits?: ArchiveLimits;
}

/** Characters of an export that is imported: the longest text that Node can hold. */
const EXPORT_BYTES_MAX = 512 * 1024 * 1024;
const GZIP_MAGIC = [0x1f, 0x8b];

/** Backups of a running platform, and their way back. */
export class StoreArchive implements Archive {
  readonly #state: PlatformState;
  readonly #afterRestore: (() => Promise<void>) | undefined;
  readonly #limits: ArchiveLimits;

  constructor(state: PlatformState, options: StoreArchiveOptions = {}) {
    this.#state = state;
    this.#afterRestore = options.afterRestore;
    this.#limits = options.limits ?? ARCHIVE_LIMITS;
  }

  /** Everything as it is now as tar.gz, while the platform goes on. */
  backup(): AsyncIterable<Uint8Array> {
    return writeBackup(this.#state.keyspace.snapshot());
  }

  exportDatabase(): AsyncIterable<Uint8Array> {
    return exportOriginal(this.#state.keyspace.snapshot());
  }

  /**
   * Replaces everything by a backup, or by an export in the original's layout. Checked whole before
   * anything changes; then everything changes at once.
   * @returns number of objects and keys
   * @throws MOC_ARCHIVE saying which entry; MOC_CONFLICT while another restore runs
   */
  async restore(archive: AsyncIterable<Uint8Array>): Promise<number> {
    let count = 0;
    const fill = async (keyspaceWriter: KeyspaceWriter) => {
      const writer = new ContentWriter(keyspaceWriter);
      const { head, all } = await peek(archive);
      if (GZIP_MAGIC.every((byte, index) => head[index] === byte)) {
        await restoreEntries(readArchive(all, this.#limits), writer);
      } else {
        await importOriginal(await textOf(all), writer);
      }
      count = writer.count;
    };
    await this.#state.keyspace.replace(fill, (content) => this.#state.load(content));
    await this.#afterRestore?.();
    this.#tell();
    return count;
  }

  #tell(): void {
    const { events, names } = this.#state;
    const at = Date.now();
    events.emit({ kind: "plugs", at });
    events.emit({ kind: "filters", at });
    for (const { name, techID, revision } of names.all()) {
      events.emit({ kind: "deployed", at, name, techID, revision, changed: ["restored"] });
    }
  }
}

/** The first bytes, and a source that still begins with them. */
async function peek(source: AsyncIterable<Uint8Array>) {
  const iterator = source[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  let ended = false;
  while (head.length < GZIP_MAGIC.length && !ended) {
    const next = await iterator.next();
    if (next.done) ended = true;
    else head = Buffer.concat([head, next.value]);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield head;
    if (ended) return;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { head, all: all() };
}

async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of source) {
    length += part.length;
    if (length > EXPORT_BYTES_MAX) {
      throw new MocError("MOC_TOO_LARGE", `an export may have ${EXPORT_BYTES_MAX} bytes at most`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts, length).toString();
}
