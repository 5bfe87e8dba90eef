import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { extendedSection, type ReplacedSections, sectionOf } from "./module-sections.ts";
import { type ParsedModule, SECTION } from "./read-module.ts";

const I32 = 0x7f;

/**
 * Lets every `memory.grow` go through a function of ours, added at the end of the module, which
 * notes a refusal in a new global: an engine tells nobody that it refused, and without that a guest
 * that ran out of memory looks like one that trapped for no reason.
 */
export function watchGrowth(
  bytes: Uint8Array,
  parsed: ParsedModule,
  replaced: ReplacedSections,
): void {
  const { info } = parsed;
  const extend = (id: number, entries: ByteWriter) =>
    replaced.set(id, extendedSection(bytes, parsed, id, { added: 1, entries }));
  extend(SECTION.type, new ByteWriter().byte(0x60, 1, I32, 1, I32));
  extend(SECTION.function, new ByteWriter().u32(info.types.length));
  extend(SECTION.global, new ByteWriter().byte(I32, 1, 0x41, 0, 0x0b));
  const code = codeWith(bytes, parsed, info.functions.length);
  code.sized(growBody(info.globals.length));
  replaced.set(SECTION.code, code.toBytes());
}

/** `(param i32) (result i32)`: grows, and sets the global when the answer is -1. */
function growBody(global: number): Uint8Array {
  const body = new ByteWriter().byte(0);
  body.byte(0x20, 0, 0x40, 0, 0x22, 0); // local.get 0, memory.grow, local.tee 0
  body.byte(0x41, 0x7f, 0x46, 0x04, 0x40); // i32.const -1, i32.eq, if
  body.byte(0x41, 1, 0x24).u32(global).byte(0x0b); // i32.const 1, global.set, end
  return body.byte(0x20, 0, 0x0b).toBytes();
}

/** The code section's payload, one more counted, with calls of `grow` for `memory.grow`. */
function codeWith(bytes: Uint8Array, parsed: ParsedModule, grow: number): ByteWriter {
  const section = sectionOf(parsed, SECTION.code);
  const writer = new ByteWriter();
  if (!section) return writer.u32(1);
  const reader = new ByteReader(bytes, section.start, section.end);
  writer.u32(reader.count() + 1);
  let copied = reader.offset;
  for (const body of parsed.growing) {
    writer.bytes(bytes.subarray(copied, body.start));
    const changed = new ByteWriter();
    copied = body.bodyStart;
    for (const at of body.grows) {
      changed.bytes(bytes.subarray(copied, at)).byte(0x10).u32(grow);
      copied = at + 2;
    }
    writer.sized(changed.bytes(bytes.subarray(copied, body.end)).toBytes());
    copied = body.end;
  }
  return writer.bytes(bytes.subarray(copied, section.end));
}
