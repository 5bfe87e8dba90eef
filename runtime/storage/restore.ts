import { hash } from "node:crypto";
import { Arguments } from "../core/operations/operation.ts";
import { MocError } from "../protocol/errors.ts";
import {
  FORMAT_ENTRY,
  FORMAT_NAME,
  FORMAT_VERSION,
  JSON_SECTIONS,
  MANIFEST_ENTRY,
} from "./backup-format.ts";
import type { ContentWriter } from "./content-writer.ts";
import { type ArchiveEntry, refused } from "./read-archive.ts";

/** Longest manifest and format entry, in bytes. */
const MANIFEST_BYTES = 256 * 1024 * 1024;

/**
 * Writes the content of a backup's entries, checking every one of them and the manifest at the end.
 * @throws MOC_ARCHIVE saying which entry
 */
export async function restoreEntries(
  entries: AsyncIterable<ArchiveEntry>,
  writer: ContentWriter,
): Promise<void> {
  const hashes = new Map<string, string>();
  let last = "";
  for await (const entry of entries) {
    if (last === MANIFEST_ENTRY) throw refused(entry.name, "comes after the manifest");
    if (hashes.has(entry.name)) throw refused(entry.name, "comes twice");
    if (hashes.size === 0 && entry.name !== FORMAT_ENTRY) {
      throw refused(entry.name, `comes first, where ${FORMAT_ENTRY} should be: this is no backup`);
    }
    last = entry.name;
    try {
      if (last === MANIFEST_ENTRY) checkManifest(entry, hashes);
      else await restoreEntry(entry, writer);
    } catch (error) {
      throw translate(entry.name, error);
    }
    hashes.set(entry.name, hashOf(entry));
  }
  if (last !== MANIFEST_ENTRY) throw refused(last, "is the last one; the manifest is cut off");
  try {
    writer.finish();
  } catch (error) {
    throw translate(MANIFEST_ENTRY, error);
  }
}

/** Blobs were hashed already, and are what their name says. */
function hashOf({ name, bytes }: ArchiveEntry): string {
  return name.startsWith("blobs/") ? name.slice("blobs/".length) : hash("sha256", bytes, "hex");
}

async function restoreEntry({ name, bytes }: ArchiveEntry, writer: ContentWriter): Promise<void> {
  if (name === FORMAT_ENTRY) return checkFormat(bytes);
  const [folder = "", file = "", ...more] = name.split("/");
  if (more.length > 0 || !/^[0-9a-z.]+$/.test(file)) return unknown();
  if (folder === "blobs") return writer.putBlobBytes(file, bytes);
  if (folder === "kv" && file.endsWith(".bin")) return restoreRecords(bytes, writer);
  const section = JSON_SECTIONS.find((one) => one === folder);
  if (!section || !file.endsWith(".json")) return unknown();
  const values = parseJson(bytes);
  if (!Array.isArray(values)) throw new MocError("MOC_ARCHIVE", "is not a JSON list");
  for (const value of values) {
    if (section === "blob-info") await writer.putBlobInfo(value);
    else if (section === "names") await writer.putName(value);
    else if (section === "plugs") await writer.putPlug(value);
    else await writer.putFilter(value);
  }
}

async function restoreRecords(bytes: Buffer, writer: ContentWriter): Promise<void> {
  let at = 0;
  const take = (length: number): Buffer => {
    if (length > bytes.length - at) throw new MocError("MOC_ARCHIVE", "is cut off");
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = take(take(4).readUInt32LE());
    const value = take(take(4).readUInt32LE());
    await writer.putKeyValue(key, value);
  }
}

function checkFormat(bytes: Buffer): void {
  const format = new Arguments(parseJson(bytes));
  if (format.text("format") !== FORMAT_NAME) throw new MocError("MOC_ARCHIVE", "is of no backup");
  const version = format.integer("version", 1);
  if (version > FORMAT_VERSION) {
    throw new MocError(
      "MOC_ARCHIVE",
      `has version ${version}, this program knows ${FORMAT_VERSION}; use a newer one`,
    );
  }
}

function checkManifest(entry: ArchiveEntry, hashes: ReadonlyMap<string, string>): void {
  if (entry.bytes.length > MANIFEST_BYTES) throw new MocError("MOC_ARCHIVE", "is too large");
  const wanted = new Arguments(parseJson(entry.bytes)).raw("entries");
  if (typeof wanted !== "object" || wanted === null) {
    throw new MocError("MOC_ARCHIVE", "has no list of entries");
  }
  const listed = new Map(Object.entries(wanted));
  for (const [name, sum] of hashes) {
    if (listed.get(name) !== sum) throw refused(name, "does not have the hash of the manifest");
    listed.delete(name);
  }
  for (const name of listed.keys()) throw refused(name, "is in the manifest but not there");
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new MocError("MOC_ARCHIVE", "is not JSON", { cause: error });
  }
}

function unknown(): never {
  throw new MocError("MOC_ARCHIVE", "does not belong into a backup");
}

/** What is wrong with the content of an entry is said with the entry's name. */
function translate(name: string, error: unknown): unknown {
  if (!(error instanceof MocError)) return error;
  return error.message.startsWith("the archive ") ? error : refused(name, error.message);
}
