import { ByteReader } from "../wasm/byte-reader.ts";
import { ByteWriter } from "../wasm/byte-writer.ts";
import {
  assemble,
  extendedSection,
  type ReplacedSections,
  sectionOf,
} from "../wasm/module-sections.ts";
import { type ParsedModule, readModule, SECTION } from "../wasm/read-module.ts";
import { bulkBody, TrackedBody } from "./tracked-body.ts";

const I32 = 0x7f;

/**
 * Makes QuickJS note where it writes: every store, copy and fill also sets the mark of the memory
 * that it changes (write-marks.ts), so that putting a machine back costs what its guest changed, not
 * what it has.
 * @throws TypeError for instructions that QuickJS was not known to have
 */
export function trackWrites(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const parsed = readModule(bytes);
  const { info } = parsed;
  const replaced: ReplacedSections = new Map();
  const extend = (id: number, added: number, entries: ByteWriter) =>
    replaced.set(id, extendedSection(bytes, parsed, id, { added, entries }));
  const type = info.types.length;
  extend(SECTION.type, 1, new ByteWriter().byte(0x60, 3, I32, I32, I32, 0));
  extend(SECTION.function, 2, new ByteWriter().u32(type).u32(type));
  replaced.set(SECTION.code, codeWith(bytes, parsed));
  return assemble(bytes, parsed, replaced).bytes;
}

/** The code section's payload with marks, and the functions that copy and fill behind the others. */
function codeWith(bytes: Uint8Array, parsed: ParsedModule): Uint8Array {
  const section = sectionOf(parsed, SECTION.code);
  if (!section) throw new TypeError("QuickJS has no code");
  const { info } = parsed;
  const reader = new ByteReader(bytes, section.start, section.end);
  const count = reader.count();
  const writer = new ByteWriter().u32(count + 2);
  for (let index = info.functions.length - count; index < info.functions.length; index++) {
    const body = reader.part(reader.u32());
    writer.sized(new TrackedBody(body, info, index).write());
  }
  writer.sized(bulkBody([0x0a, 0, 0]));
  return writer.sized(bulkBody([0x0b, 0])).toBytes();
}
