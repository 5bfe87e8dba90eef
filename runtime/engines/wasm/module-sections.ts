import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { type ParsedModule, SECTION, SECTION_ORDER, type Section } from "./read-module.ts";

/** New payloads of sections, by id; undefined: the section is left out. */
export type ReplacedSections = Map<number, Uint8Array | undefined>;

/** The section with an id; undefined: the module has none. */
export function sectionOf(parsed: ParsedModule, id: number): Section | undefined {
  return parsed.sections.find((section) => section.id === id);
}

/** A section's payload (empty if there is none) with more entries at its end. */
export function extendedSection(
  bytes: Uint8Array,
  parsed: ParsedModule,
  id: number,
  more: { readonly added: number; readonly entries: ByteWriter },
): Uint8Array {
  const section = sectionOf(parsed, id);
  const writer = new ByteWriter();
  if (!section) return writer.u32(more.added).bytes(more.entries.toBytes()).toBytes();
  const reader = new ByteReader(bytes, section.start, section.end);
  const count = reader.count();
  const old = bytes.subarray(reader.offset, section.end);
  return writer
    .u32(count + more.added)
    .bytes(old)
    .bytes(more.entries.toBytes())
    .toBytes();
}

/** A module made of its old sections and new ones, each where it belongs. */
export function assemble(
  bytes: Uint8Array,
  parsed: ParsedModule,
  replaced: ReplacedSections,
): { readonly bytes: Uint8Array<ArrayBuffer>; readonly codeShift: number } {
  const present = new Set(parsed.sections.map((section) => section.id));
  const missing = [...replaced.keys()]
    .filter((id) => !present.has(id) && replaced.get(id))
    .sort((a, b) => orderOf(a) - orderOf(b));
  const writer = new ByteWriter().bytes(bytes.subarray(0, 8));
  let codeShift = 0;
  const write = (id: number, payload: Uint8Array | undefined) => {
    if (payload) writer.byte(id).sized(payload);
  };
  for (const section of parsed.sections) {
    const { id } = section;
    while (id !== SECTION.custom && missing[0] !== undefined && orderOf(missing[0]) < orderOf(id)) {
      const next = missing.shift() as number;
      write(next, replaced.get(next));
    }
    const old = bytes.subarray(section.start, section.end);
    write(id, replaced.has(id) ? replaced.get(id) : old);
    if (id === SECTION.code) {
      const length = replaced.get(id)?.length ?? old.length;
      codeShift = writer.length - length - section.start;
    }
  }
  for (const id of missing) write(id, replaced.get(id));
  return { bytes: writer.toBytes(), codeShift };
}

function orderOf(id: number): number {
  return SECTION_ORDER.indexOf(id);
}
