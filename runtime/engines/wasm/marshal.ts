import type { CallContext } from "../../guest-api/call-context.ts";
import type { GuestFunction, Param, ParamValue, ResultValue } from "../../guest-api/define.ts";
import { MemoryBuffer } from "../../guest-api/memory-buffer.ts";
import { MocError } from "../../protocol/errors.ts";
import { encodeUtf8, type GuestMemory } from "./guest-memory.ts";
import { functionType } from "./host-function.ts";
import type { FunctionType } from "./module-info.ts";

const utf8 = new TextDecoder();

/** The wasm signature of a declared guest API function: see the tables in guest-api/define.ts. */
export function wasmType(declared: GuestFunction): FunctionType {
  const params = declared.params.map((param) => (isPair(param) ? "ii" : "i")).join("");
  return functionType(declared.result === "bytes" ? `${params}ii` : params, "i");
}

function isPair(param: Param): boolean {
  return param.type !== "int" && param.type !== "buffer_id";
}

/** Arguments as handlers take them. Bytes are views into the guest's memory. */
export function readArguments(
  declared: GuestFunction,
  memory: GuestMemory,
  raw: readonly number[],
): ParamValue[] {
  let next = 0;
  const take = () => raw[next++] ?? 0;
  return declared.params.map((param) => {
    if (!isPair(param)) return take();
    const pointer = take();
    return readPair(param, memory, pointer, take());
  });
}

function readPair(param: Param, memory: GuestMemory, pointer: number, length: number): ParamValue {
  switch (param.type) {
    case "string":
      return memory.text(pointer, length);
    case "ints":
      return readInts(memory, pointer, length);
    case "strings":
      return readParts(param, memory.slice(pointer, length)).map((part) => utf8.decode(part));
    case "map":
      return readMap(param, memory.slice(pointer, length));
    default:
      return memory.slice(pointer, length);
  }
}

function readInts(memory: GuestMemory, pointer: number, count: number): number[] {
  const items = count >>> 0;
  // A count whose bytes are more than 32 bits can count must not wrap round.
  memory.check(pointer, Math.min(items * 4, 0xffff_ffff));
  const from = pointer >>> 0;
  return Array.from({ length: items }, (_, index) => memory.view.getInt32(from + index * 4, true));
}

function readMap(param: Param, encoded: Uint8Array): Map<string, Uint8Array> {
  const parts = readParts(param, encoded);
  const map = new Map<string, Uint8Array>();
  for (let index = 0; index < parts.length; index += 2) {
    const value = parts[index + 1];
    if (!value) throw malformed(param, "a key has no value");
    map.set(utf8.decode(parts[index]), value);
  }
  return map;
}

/** u32 count, then u32 length + bytes each. A guest without any gives a length of 0. */
function readParts(param: Param, encoded: Uint8Array): Uint8Array[] {
  if (encoded.length === 0) return [];
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  if (encoded.length < 4) throw malformed(param, "its count is missing");
  const count = view.getUint32(0, true);
  if (count > encoded.length / 4) throw malformed(param, `${count} parts do not fit`);
  const parts: Uint8Array[] = [];
  let offset = 4;
  for (let left = count; left > 0; left--) {
    if (offset + 4 > encoded.length) throw malformed(param, "it ends too early");
    const end = offset + 4 + view.getUint32(offset, true);
    if (end > encoded.length) throw malformed(param, "it ends too early");
    parts.push(encoded.subarray(offset + 4, end));
    offset = end;
  }
  return parts;
}

function malformed(param: Param, why: string): MocError {
  return new MocError(
    "MOC_BAD_REQUEST",
    `argument ${param.name} is not encoded as declared: ${why}`,
  );
}

/** Puts a handler's answer where the guest expects it, and gives the number to return. */
export function writeResult(
  declared: GuestFunction,
  memory: GuestMemory,
  context: CallContext,
  raw: readonly number[],
  value: ResultValue,
): number {
  switch (declared.result) {
    case "int":
    case "buffer_id":
      return Number(value);
    case "bytes":
      // A number: only the size was asked for.
      if (typeof value === "number") return value;
      return writeBytes(memory, raw, value as Uint8Array | undefined);
    case "buffer":
      return newBuffer(context, (value as Uint8Array | undefined) ?? new Uint8Array(0));
    case "string":
      return newBuffer(context, encodeUtf8(String(value ?? "")));
    case "map":
      return newBuffer(context, encodeMap(value as ReadonlyMap<string, string | Uint8Array>));
  }
}

/** The room that the guest offers for a result of type `bytes`. */
export function destinationLength(raw: readonly number[]): number {
  return (raw.at(-1) ?? 0) >>> 0;
}

function writeBytes(
  memory: GuestMemory,
  raw: readonly number[],
  value: Uint8Array | undefined,
): number {
  if (!value) return 0;
  if (value.length <= destinationLength(raw)) memory.write(raw.at(-2) ?? 0, value);
  return value.length;
}

function newBuffer(context: CallContext, content: Uint8Array): number {
  const buffer = new MemoryBuffer(context.budget);
  const id = context.buffers.add(buffer);
  buffer.write(content);
  return id;
}

function encodeMap(map: ReadonlyMap<string, string | Uint8Array>): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [key, value] of map) {
    parts.push(encodeUtf8(key), typeof value === "string" ? encodeUtf8(value) : value);
  }
  const size = parts.reduce((sum, part) => sum + 4 + part.length, 4);
  const encoded = new Uint8Array(size);
  const view = new DataView(encoded.buffer);
  view.setUint32(0, parts.length, true);
  let offset = 4;
  for (const part of parts) {
    view.setUint32(offset, part.length, true);
    encoded.set(part, offset + 4);
    offset += 4 + part.length;
  }
  return encoded;
}
