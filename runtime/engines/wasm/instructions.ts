import { type ByteReader, invalidModule } from "./byte-reader.ts";

/** What a function's body does that matters for putting an instance back to its saved image. */
export interface CodeFacts {
  /** Changes a table, drops a segment or touches the garbage collected heap. */
  changesUnsaved: boolean;
  /** Where `memory.grow` of memory 0 stands: offsets of its two bytes in the module. */
  readonly grows: number[];
}

/** Immediates of the instructions, by opcode, as letters: see {@link skipImmediates}. */
const IMMEDIATES = buildImmediates();

function buildImmediates(): (string | undefined)[] {
  const table = new Array<string | undefined>(256).fill(undefined);
  const set = (from: number, to: number, immediates: string) =>
    table.fill(immediates, from, to + 1);
  set(0x00, 0x01, "");
  set(0x02, 0x04, "b");
  set(0x05, 0x05, "");
  set(0x06, 0x06, "b"); // try
  set(0x07, 0x09, "n"); // catch, throw, rethrow
  set(0x0a, 0x0b, ""); // throw_ref, end
  set(0x0c, 0x0d, "n");
  set(0x0e, 0x0e, "t"); // br_table
  set(0x0f, 0x0f, "");
  set(0x10, 0x10, "n");
  set(0x11, 0x11, "nn");
  set(0x12, 0x12, "n"); // return_call
  set(0x13, 0x13, "nn");
  set(0x14, 0x15, "n"); // call_ref, return_call_ref
  set(0x18, 0x18, "n"); // delegate
  set(0x19, 0x1b, "");
  set(0x1c, 0x1c, "v"); // select with types
  set(0x1f, 0x1f, "y"); // try_table
  set(0x20, 0x26, "n");
  set(0x28, 0x3e, "m");
  set(0x3f, 0x40, "n");
  set(0x41, 0x42, "n");
  set(0x43, 0x43, "4");
  set(0x44, 0x44, "8");
  set(0x45, 0xc4, "");
  set(0xd0, 0xd0, "n");
  set(0xd1, 0xd1, "");
  set(0xd2, 0xd2, "n");
  set(0xd3, 0xd4, ""); // ref.eq, ref.as_non_null
  set(0xd5, 0xd6, "n"); // br_on_null, br_on_non_null
  return table;
}

const TABLE_SET = 0x26;
const MEMORY_GROW = 0x40;
const GC = 0xfb;
const MISC = 0xfc;
const SIMD = 0xfd;
const ATOMIC = 0xfe;

/**
 * Reads the instructions of one function's body (locals included).
 * Instructions of proposals that it does not know count as changing what is not saved, and end the
 * reading; whether they are valid is the compiler's to say.
 */
export function readBody(reader: ByteReader, facts: CodeFacts): void {
  for (let groups = reader.count(); groups > 0; groups--) {
    reader.u32();
    if (reader.byte() >= 0x65) continue;
    reader.skipNumber(); // (ref …) has a heap type behind it
  }
  while (skipPlain(reader)) {
    const at = reader.offset;
    const opcode = reader.byte();
    if (opcode === MEMORY_GROW && reader.bytes[reader.offset] === 0) facts.grows.push(at);
    if (opcode === TABLE_SET) facts.changesUnsaved = true;
    const immediates = IMMEDIATES[opcode];
    if (immediates !== undefined) skipImmediates(reader, immediates);
    else if (!skipPrefixed(reader, opcode, facts)) {
      facts.changesUnsaved = true;
      return;
    }
  }
}

const BLOCK = 9;
const NULLABLE_REFERENCE = 0x63;
const REFERENCE = 0x64;

/** By opcode, for instructions of which nothing else is to be known: how many numbers follow. */
const PLAIN = Int8Array.from({ length: 256 }, (_, opcode) => {
  const immediates = IMMEDIATES[opcode] ?? "?";
  if (opcode === MEMORY_GROW || opcode === TABLE_SET) return -1;
  if (immediates === "b") return BLOCK;
  if (immediates === "m") return 2;
  return /^n*$/.test(immediates) ? immediates.length : -1;
});
const OTHER_MEMORY = 0x40;

/**
 * Passes over plain instructions: nearly all are, and modules have millions of them.
 * false: the body is at its end.
 */
function skipPlain(reader: ByteReader): boolean {
  const { bytes, end } = reader;
  let { offset } = reader;
  while (offset < end) {
    const opcode = bytes[offset] ?? 0;
    let numbers = PLAIN[opcode] ?? -1;
    if (numbers < 0) break;
    const next = bytes[offset + 1] ?? 0;
    if (numbers === BLOCK) {
      if (next === REFERENCE || next === NULLABLE_REFERENCE) break;
      numbers = 1;
    } else if (opcode >= 0x28 && opcode <= 0x3e && next & OTHER_MEMORY) break;
    offset++;
    for (; numbers > 0; numbers--) {
      while ((bytes[offset] ?? 0) >= 0x80) offset++;
      offset++;
    }
  }
  if (offset > end) throw invalidModule("a function ends too early", end);
  reader.offset = offset;
  return offset < end;
}

function skipImmediates(reader: ByteReader, immediates: string): void {
  for (const immediate of immediates) {
    switch (immediate) {
      case "n":
        reader.u32();
        break;
      case "b":
        skipBlockType(reader);
        break;
      case "m":
        skipMemoryArgument(reader);
        break;
      case "t":
        for (let labels = reader.count() + 1; labels > 0; labels--) reader.u32();
        break;
      case "v":
        for (let types = reader.count(); types > 0; types--) skipValueType(reader);
        break;
      case "y":
        skipBlockType(reader);
        for (let clauses = reader.count(); clauses > 0; clauses--) {
          if (reader.byte() < 2) reader.u32();
          reader.u32();
        }
        break;
      case "4":
        reader.skip(4);
        break;
      default:
        reader.skip(8);
    }
  }
}

function skipValueType(reader: ByteReader): void {
  const code = reader.byte();
  if (code === NULLABLE_REFERENCE || code === REFERENCE) reader.skipNumber();
}

/** Empty, a value type, or an index: all but references are one signed number. */
function skipBlockType(reader: ByteReader): void {
  const code = reader.bytes[reader.offset];
  if (code === NULLABLE_REFERENCE || code === REFERENCE) skipValueType(reader);
  else reader.skipNumber();
}

function skipMemoryArgument(reader: ByteReader): void {
  const alignment = reader.u32();
  if (alignment & 0x40) reader.u32();
  reader.skipNumber();
}

/** false: the instruction is not known. */
function skipPrefixed(reader: ByteReader, prefix: number, facts: CodeFacts): boolean {
  if (prefix !== MISC && prefix !== SIMD && prefix !== ATOMIC) {
    if (prefix === GC) return false;
    throw invalidModule(`instruction 0x${prefix.toString(16)} is not known`, reader.offset - 1);
  }
  const opcode = reader.u32();
  if (prefix === MISC) return skipMisc(reader, opcode, facts);
  if (prefix === SIMD) return skipSimd(reader, opcode);
  if (opcode === 3) reader.byte();
  else skipMemoryArgument(reader);
  return true;
}

function skipMisc(reader: ByteReader, opcode: number, facts: CodeFacts): boolean {
  if (opcode <= 7) return true;
  if (opcode > 17) return false;
  const operands = opcode === 8 || opcode === 10 || opcode === 12 || opcode === 14 ? 2 : 1;
  for (let left = operands; left > 0; left--) reader.u32();
  // memory.init, memory.copy, memory.fill and table.size change nothing that is not saved.
  if (opcode !== 8 && opcode !== 10 && opcode !== 11 && opcode !== 16) facts.changesUnsaved = true;
  return true;
}

function skipSimd(reader: ByteReader, opcode: number): boolean {
  if (opcode <= 11 || opcode === 92 || opcode === 93) skipMemoryArgument(reader);
  else if (opcode === 12 || opcode === 13) reader.skip(16);
  else if (opcode >= 21 && opcode <= 34) reader.byte();
  else if (opcode >= 84 && opcode <= 91) {
    skipMemoryArgument(reader);
    reader.byte();
  } else if (opcode > 275) return false;
  return true;
}
