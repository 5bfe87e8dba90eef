/**
 * A backup is a tar.gz of these entries, in this order:
 *
 * - `format.json`
 * - `blob-info/N.json`, `names/N.json`, `plugs/N.json`, `filters/N.json`: lists of the stored JSON
 * - `blobs/TECHID`: the bytes of one blob
 * - `kv/N.bin`: entries of the key-value store, u32 length + bytes for key and value, little endian
 * - `manifest.json`: counts, and the SHA-256 of every entry before it
 */
export const FORMAT_NAME = "my-own-cluster-backup";
/** Goes up when older programs could not read an archive. */
export const FORMAT_VERSION = 1;
/** First file of an archive: what it is. */
export const FORMAT_ENTRY = "format.json";
/** Last file of an archive: what it must hold. */
export const MANIFEST_ENTRY = "manifest.json";

/** Sections that hold JSON, in the order in which they are written. */
export const JSON_SECTIONS = ["blob-info", "names", "plugs", "filters"] as const;
/** One of {@link JSON_SECTIONS}. */
export type JsonSection = (typeof JSON_SECTIONS)[number];

/** Content of the first file. */
export interface BackupFormat {
  readonly format: typeof FORMAT_NAME;
  readonly version: number;
  /** ISO 8601. */
  readonly at: string;
}

/** Content of the last file: entries of each section, and the SHA-256 of each file. */
export interface BackupManifest {
  readonly counts: { readonly [part: string]: number };
  /** Name to SHA-256, in the order of the archive. */
  readonly entries: { readonly [name: string]: string };
}
