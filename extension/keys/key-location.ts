import { detectFormat, KEY_FORMATS, type KeyFormat } from "./key-format.ts";

/** Where a key's document is: the parts of its URI, without the editor's class. */
export interface KeyLocation {
  readonly key: Uint8Array;
  readonly format: KeyFormat;
}

const EXTENSIONS: Readonly<Record<KeyFormat, string>> = {
  json: ".json",
  text: ".txt",
  hex: ".hex",
};

/** Path and query of a key's document; the path is what the tab shows, the query is exact. */
export function keyUriParts({ key, format }: KeyLocation): { path: string; query: string } {
  const name = new TextDecoder().decode(key).replaceAll("�", "?");
  const extension = EXTENSIONS[format];
  const shown = name.replaceAll("\\", "∖").replace(/^\/+|\/+$/g, "") || "key";
  const path = `/${shown.endsWith(extension) ? shown : shown + extension}`;
  return { path, query: `${format}=${Buffer.from(key).toString("base64url")}` };
}

/** Reads what {@link keyUriParts} wrote; undefined for anything else. */
export function parseKeyQuery(query: string): KeyLocation | undefined {
  const [format, key] = query.split("=");
  const known = KEY_FORMATS.find((one) => one === format);
  if (!known || key === undefined || !/^[A-Za-z0-9_-]*$/.test(key)) return undefined;
  return { key: Buffer.from(key, "base64url"), format: known };
}

/** A key as it stands in lists: text where it is UTF-8, else its bytes in hex. */
export function keyLabel(key: Uint8Array): string {
  return detectFormat(key) === "hex" ? `0x${Buffer.from(key).toString("hex")}` : decode(key);
}

function decode(key: Uint8Array): string {
  return new TextDecoder().decode(key);
}
