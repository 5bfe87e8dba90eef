import { readFile } from "node:fs/promises";

const END = Buffer.from("PK\x05\x06", "latin1");
const ENTRY = 0x02014b50;

/** Names of the files in a zip archive, from its central directory (APPNOTE.TXT 4.3.12). */
export async function zipNames(file: string): Promise<readonly string[]> {
  const bytes = await readFile(file);
  const end = bytes.lastIndexOf(END);
  if (end < 0) throw new Error(`${file} is no zip archive`);
  const names: string[] = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (bytes.readUInt32LE(at) !== ENTRY) throw new Error(`${file}: no entry at byte ${at}`);
    const nameLength = bytes.readUInt16LE(at + 28);
    names.push(bytes.toString("utf8", at + 46, at + 46 + nameLength));
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return names;
}
