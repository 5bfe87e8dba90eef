import { decodeVlq, encodeVlq } from "../../protocol/vlq.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { SECTION } from "./read-module.ts";

const NAME = "sourceMappingURL";
const DATA_URL = /^data:application\/json[^,]*;base64,/;

/** A module, and by how many bytes its code lies further back than where its compiler put it. */
interface ShiftedModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly codeShift: number;
}

/**
 * Moves the positions of a source map that a module carries with it (a data URL in the section
 * `sourceMappingURL`) to where the code is now. Maps elsewhere cannot be moved, and stay.
 */
export function moveSourceMap(module: ShiftedModule): ShiftedModule {
  const { bytes, codeShift } = module;
  const reader = new ByteReader(bytes, 8);
  const writer = new ByteWriter().bytes(bytes.subarray(0, 8));
  while (!reader.done) {
    const start = reader.offset;
    const id = reader.byte();
    const payload = reader.part(reader.u32());
    const url = id === SECTION.custom && payload.name() === NAME ? payload.name() : "";
    const moved = DATA_URL.test(url) ? movedUrl(url, codeShift) : undefined;
    if (moved === undefined) writer.bytes(bytes.subarray(start, reader.offset));
    else writer.byte(SECTION.custom).sized(new ByteWriter().name(NAME).name(moved).toBytes());
  }
  return { bytes: writer.toBytes(), codeShift };
}

/** undefined: what stands there is no source map. */
function movedUrl(url: string, shift: number): string | undefined {
  const text = Buffer.from(url.slice(url.indexOf(",") + 1), "base64").toString();
  let map: unknown;
  try {
    map = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof map !== "object" || map === null || !("mappings" in map)) return undefined;
  if (typeof map.mappings !== "string") return undefined;
  const moved = { ...map, mappings: movedMappings(map.mappings, shift) };
  return `data:application/json;base64,${Buffer.from(JSON.stringify(moved)).toString("base64")}`;
}

/** Columns are relative to the one before: only the first one of the first line changes. */
function movedMappings(mappings: string, shift: number): string {
  const first = decodeVlq(mappings);
  // A line without positions: there is nothing to be moved.
  return first ? encodeVlq(first.value + shift) + mappings.slice(first.length) : mappings;
}
