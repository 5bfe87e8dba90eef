import { PassThrough, Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract as extractTar } from "tar-stream";
import { MocError } from "../protocol/errors.ts";

/** What an archive may be, before its content is looked at. */
export interface ArchiveLimits {
  readonly entries: number;
  /** Bytes of one entry. */
  readonly entryBytes: number;
  /** Bytes of all entries, unpacked. */
  readonly totalBytes: number;
  /** Unpacked bytes for each packed one, once `ratioFromBytes` are unpacked. */
  readonly ratio: number;
  readonly ratioFromBytes: number;
}

/** Far beyond any backup, and below what fills a machine. */
export const ARCHIVE_LIMITS: ArchiveLimits = {
  entries: 5_000_000,
  entryBytes: 512 * 1024 * 1024,
  totalBytes: 256 * 1024 ** 3,
  ratio: 300,
  ratioFromBytes: 1024 ** 3,
};

/** A file of an archive, whole. */
export interface ArchiveEntry {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * Reads the files of a tar.gz one by one, each whole.
 * @throws MOC_ARCHIVE for everything that is not a plain file, and for what is over a limit
 */
export async function* readArchive(
  source: AsyncIterable<Uint8Array>,
  limits: ArchiveLimits = ARCHIVE_LIMITS,
): AsyncGenerator<ArchiveEntry> {
  const tar = extractTar();
  const packed = { bytes: 0 };
  const input = Readable.from(counted(source, packed));
  const unpacked = pipeline(
    input,
    createGunzip(),
    watcher(limits, packed),
    // tar-stream's own stream type is not Node's, so that its errors need a Node stream beside it.
    new PassThrough(),
    tar,
  );
  unpacked.catch(() => undefined);
  let count = 0;
  try {
    for await (const entry of tar) {
      const { name, type, size = 0 } = entry.header;
      if (type !== "file") throw refused(name, `is a ${type ?? "thing"}, not a file`);
      if (size > limits.entryBytes) throw refused(name, `is over ${limits.entryBytes} bytes`);
      if (++count > limits.entries) throw refused(name, `is one too many (${limits.entries})`);
      const parts: Buffer[] = [];
      for await (const part of entry) parts.push(part as Buffer);
      yield { name, bytes: Buffer.concat(parts) };
    }
    await unpacked;
  } catch (error) {
    throw translate(error);
  } finally {
    tar.destroy();
    input.destroy();
  }
}

/** The error of an entry that is not acceptable. */
export function refused(name: string, problem: string): MocError {
  return new MocError(
    "MOC_ARCHIVE",
    `the archive is refused, nothing was changed: entry ${JSON.stringify(name.slice(0, 200))} ${problem}`,
  );
}

function damaged(problem: string, cause?: unknown): MocError {
  return new MocError(
    "MOC_ARCHIVE",
    `the archive is damaged, nothing was changed: ${problem}; use another copy`,
    { cause },
  );
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  packed: { bytes: number },
): AsyncGenerator<Uint8Array> {
  for await (const part of source) {
    packed.bytes += part.length;
    yield part;
  }
}

function watcher(limits: ArchiveLimits, packed: { readonly bytes: number }): Transform {
  let total = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      total += chunk.length;
      if (total > limits.totalBytes) {
        done(damaged(`it unpacks to more than ${limits.totalBytes} bytes`));
      } else if (total > limits.ratioFromBytes && total > packed.bytes * limits.ratio) {
        done(damaged(`it unpacks to more than ${limits.ratio} times its size`));
      } else {
        done(null, chunk);
      }
    },
  });
}

function translate(error: unknown): MocError {
  if (error instanceof MocError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return damaged(reason, error);
}
