import type { GuestModule } from "../guest-api/define.ts";
import { functionsOf } from "./binding-language.ts";

/** Helpers of each AssemblyScript file; what is not used is not compiled. */
export function assemblyscriptSupport(module: GuestModule): string[] {
  const functions = functionsOf(module).map(([, fn]) => fn);
  const answersData = functions.some((fn) => fn.result !== "int" && fn.result !== "buffer_id");
  const takesLists = functions.some((fn) =>
    fn.params.some((param) => param.type === "map" || param.type === "strings"),
  );
  return [FAILURE, ...(answersData ? [READ] : []), ...(takesLists ? [ENCODE] : [])].flatMap(
    (text) => text.trimEnd().split("\n"),
  );
}

const FAILURE = `
/** What functions that answer a number answer when they failed. */
export const FAILURE: i32 = 0xffff;
`;

const READ = `
// @ts-ignore: decorator
@external("core", "read_exchange_buffer")
declare function support_read(bufferId: i32, result: usize, resultLength: i32): i32;
// @ts-ignore: decorator
@external("core", "free_buffer")
declare function support_free(bufferId: i32): i32;

const MARK: u8 = 0x9d;
const MARKS: i32 = 16;

/**
 * Space for an answer of this size. A size of 65535 may be the failure value as well: the space is
 * marked, and when the marks are still there afterwards, nothing was copied.
 */
function sized(size: i32): ArrayBuffer {
  const space = new ArrayBuffer(size);
  if (size == FAILURE) memory.fill(changetype<usize>(space) + size - MARKS, MARK, MARKS);
  return space;
}

function filled(space: ArrayBuffer, size: i32, copied: i32): Uint8Array | null {
  const bytes = Uint8Array.wrap(space);
  if (copied != size) return null;
  if (size != FAILURE) return bytes;
  for (let i = size - MARKS; i < size; i++) {
    if (bytes[i] != MARK) return bytes;
  }
  return null;
}

/** Reads the buffer that an import answered, and frees it. */
function take(bufferId: i32): Uint8Array | null {
  if (bufferId == FAILURE) return null;
  const size = support_read(bufferId, 0, 0);
  const space = sized(size);
  const copied = support_read(bufferId, changetype<usize>(space), size);
  support_free(bufferId);
  return filled(space, size, copied);
}

function textOf(bytes: Uint8Array): string {
  return String.UTF8.decodeUnsafe(bytes.dataStart, bytes.length);
}

function takeText(bufferId: i32): string | null {
  const bytes = take(bufferId);
  return bytes === null ? null : textOf(bytes);
}

/** Null when the bytes are no encoded map. */
function decodeMap(encoded: Uint8Array | null): Map<string, Uint8Array> | null {
  if (encoded === null || encoded.length < 4) return null;
  const entries = new Map<string, Uint8Array>();
  const count = load<u32>(encoded.dataStart);
  let at = 4;
  let key = "";
  for (let i: u32 = 0; i < count; i++) {
    if (encoded.length - at < 4) return null;
    const length = load<i32>(encoded.dataStart + at);
    if (length < 0 || length > encoded.length - at - 4) return null;
    const item = encoded.slice(at + 4, at + 4 + length);
    if (i % 2 == 0) key = textOf(item);
    else entries.set(key, item);
    at += 4 + length;
  }
  return entries;
}

function decodeTextMap(encoded: Uint8Array | null): Map<string, string> | null {
  const entries = decodeMap(encoded);
  if (entries === null) return null;
  const keys = entries.keys();
  const texts = new Map<string, string>();
  for (let i = 0; i < keys.length; i++) texts.set(keys[i], textOf(entries.get(keys[i])));
  return texts;
}
`;

const ENCODE = `
function encode(items: ArrayBuffer[]): ArrayBuffer {
  let size = 4;
  for (let i = 0; i < items.length; i++) size += 4 + items[i].byteLength;
  const encoded = new ArrayBuffer(size);
  let at = changetype<usize>(encoded);
  store<u32>(at, items.length);
  at += 4;
  for (let i = 0; i < items.length; i++) {
    store<u32>(at, items[i].byteLength);
    memory.copy(at + 4, changetype<usize>(items[i]), items[i].byteLength);
    at += 4 + items[i].byteLength;
  }
  return encoded;
}

function encodeStrings(items: string[]): ArrayBuffer {
  return encode(items.map<ArrayBuffer>((item) => String.UTF8.encode(item)));
}

function encodeMap(entries: Map<string, Uint8Array>): ArrayBuffer {
  const keys = entries.keys();
  const items: ArrayBuffer[] = [];
  for (let i = 0; i < keys.length; i++) {
    const value = entries.get(keys[i]);
    items.push(String.UTF8.encode(keys[i]));
    items.push(value.buffer.slice(value.byteOffset, value.byteOffset + value.length));
  }
  return encode(items);
}
`;
