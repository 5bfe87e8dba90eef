import { ByteReader, invalidModule } from "./byte-reader.ts";
import { type CodeFacts, readBody } from "./instructions.ts";
import {
  type ModuleImport,
  type ModuleInfo,
  readGlobalType,
  readKind,
  readLimits,
  readTypes,
  readValueType,
} from "./module-info.ts";

/** Section ids of the binary format. */
export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** Section ids in the order in which they stand in a module. */
export const SECTION_ORDER: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/** Where a section's content stands. */
export interface Section {
  readonly id: number;
  /** Of the payload. */
  readonly start: number;
  readonly end: number;
}

/** A function's body that contains `memory.grow`. */
interface GrowingBody {
  /** Of the body's length field. */
  readonly start: number;
  readonly bodyStart: number;
  readonly end: number;
  readonly grows: readonly number[];
}

/** A module as read: what it declares, and what rewriting needs. */
export interface ParsedModule {
  readonly info: ModuleInfo;
  readonly sections: readonly Section[];
  readonly changesUnsaved: boolean;
  readonly growing: readonly GrowingBody[];
  readonly startFunction: number | undefined;
}

interface Draft extends ModuleInfo {
  changesUnsaved: boolean;
  readonly growing: GrowingBody[];
  startFunction: number | undefined;
}

const PREAMBLE = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/**
 * Reads what a module declares, and what its code does that matters to us. It believes no length;
 * whether the code is well typed is left to the compiler.
 *
 * @throws MOC_GUEST_INVALID
 * @see https://webassembly.github.io/spec/core/binary/modules.html
 */
export function readModule(bytes: Uint8Array): ParsedModule {
  checkPreamble(bytes);
  const draft: Draft = {
    types: [],
    imports: [],
    functions: [],
    tables: [],
    memories: [],
    globals: [],
    exports: [],
    changesUnsaved: false,
    growing: [],
    startFunction: undefined,
  };
  const sections = readSections(bytes);
  for (const section of sections) {
    const reader = new ByteReader(bytes, section.start, section.end);
    readSection(section.id, reader, draft);
  }
  const { changesUnsaved, growing, startFunction, ...info } = draft;
  return { info, sections, changesUnsaved, growing, startFunction };
}

function checkPreamble(bytes: Uint8Array): void {
  if (PREAMBLE.every((byte, index) => bytes[index] === byte)) return;
  if (PREAMBLE.slice(0, 4).every((byte, index) => bytes[index] === byte)) {
    const component = bytes[6] === 1;
    throw invalidModule(
      component
        ? "it is a component (WASI 0.2); build a core module (target wasm32-wasip1) instead"
        : "its version is not 1",
    );
  }
  throw invalidModule("it does not start with the bytes 00 61 73 6d of a WebAssembly module");
}

function readSections(bytes: Uint8Array): Section[] {
  const reader = new ByteReader(bytes, PREAMBLE.length);
  const sections: Section[] = [];
  let last = -1;
  while (!reader.done) {
    const at = reader.offset;
    const id = reader.byte();
    const part = reader.part(reader.u32());
    sections.push({ id, start: part.offset, end: part.end });
    if (id === SECTION.custom) continue;
    const order = SECTION_ORDER.indexOf(id);
    if (order <= last) throw invalidModule(`section ${id} is unknown or out of order`, at);
    last = order;
  }
  return sections;
}

/** One entry of a section that is a list, by section id. */
const ENTRIES: Readonly<Record<number, (reader: ByteReader, draft: Draft) => void>> = {
  [SECTION.type]: (reader, draft) => draft.types.push(...readTypes(reader)),
  [SECTION.import]: readImport,
  [SECTION.function]: (reader, draft) => draft.functions.push(typeAt(draft, reader.u32())),
  [SECTION.table]: readTable,
  [SECTION.memory]: (reader, draft) => draft.memories.push(readLimits(reader)),
  [SECTION.global]: readGlobal,
  [SECTION.export]: readExport,
  [SECTION.code]: readCode,
};

function readSection(id: number, reader: ByteReader, draft: Draft): void {
  if (id === SECTION.start) draft.startFunction = reader.u32();
  const readEntry = ENTRIES[id];
  if (!readEntry) return;
  for (let left = reader.count(); left > 0; left--) readEntry(reader, draft);
}

function readGlobal(reader: ByteReader, draft: Draft): void {
  draft.globals.push(readGlobalType(reader));
  skipExpression(reader);
}

function readExport(reader: ByteReader, draft: Draft): void {
  draft.exports.push({ name: reader.name(), kind: readKind(reader), index: reader.u32() });
}

function typeAt(draft: Draft, index: number): ModuleInfo["types"][number] {
  if (index >= draft.types.length) throw invalidModule(`type ${index} is not declared`);
  return draft.types[index];
}

function readImport(reader: ByteReader, draft: Draft): void {
  const module = reader.name();
  const field = reader.name();
  const kind = readKind(reader);
  draft.imports.push({ module, field, kind, ...readImportType(reader, kind, draft) });
}

function readImportType(
  reader: ByteReader,
  kind: ModuleImport["kind"],
  draft: Draft,
): Partial<ModuleImport> {
  switch (kind) {
    case "function": {
      const type = typeAt(draft, reader.u32());
      draft.functions.push(type);
      return type ? { type } : {};
    }
    case "table": {
      const valueType = readValueType(reader);
      const limits = readLimits(reader);
      draft.tables.push(limits);
      return { valueType, limits };
    }
    case "memory": {
      const limits = readLimits(reader);
      draft.memories.push(limits);
      return { limits };
    }
    case "global": {
      const global = readGlobalType(reader);
      draft.globals.push(global);
      return { valueType: global.valueType };
    }
    case "tag":
      reader.byte();
      reader.u32();
      return {};
  }
}

function readTable(reader: ByteReader, draft: Draft): void {
  const initialised = reader.bytes[reader.offset] === 0x40;
  if (initialised) reader.skip(2);
  readValueType(reader);
  draft.tables.push(readLimits(reader));
  if (initialised) skipExpression(reader);
}

/** A constant expression: read as a body without locals. */
function skipExpression(reader: ByteReader): void {
  for (;;) {
    const at = reader.offset;
    switch (reader.byte()) {
      case 0x0b:
        return;
      case 0x41:
      case 0x42:
      case 0x23:
      case 0xd0:
      case 0xd2:
        reader.skipNumber();
        break;
      case 0x43:
        reader.skip(4);
        break;
      case 0x44:
        reader.skip(8);
        break;
      case 0x6a:
      case 0x6b:
      case 0x6c:
      case 0x7c:
      case 0x7d:
      case 0x7e:
        break;
      case 0xfd:
        if (reader.u32() !== 12) throw invalidModule("a constant expression is not known", at);
        reader.skip(16);
        break;
      case 0xfb:
        skipGcConstant(reader);
        break;
      default:
        throw invalidModule("a constant expression is not known", at);
    }
  }
}

function skipGcConstant(reader: ByteReader): void {
  const at = reader.offset;
  const opcode = reader.u32();
  if (opcode === 8) reader.u32();
  if (opcode <= 1 || (opcode >= 6 && opcode <= 8)) reader.u32();
  else if (opcode < 26 || opcode > 28)
    throw invalidModule("a constant expression is not known", at);
}

function readCode(reader: ByteReader, draft: Draft): void {
  const start = reader.offset;
  const body = reader.part(reader.u32());
  const bodyStart = body.offset;
  const facts: CodeFacts = { changesUnsaved: false, grows: [] };
  readBody(body, facts);
  draft.changesUnsaved ||= facts.changesUnsaved;
  if (facts.grows.length === 0) return;
  draft.growing.push({ start, bodyStart, end: body.end, grows: facts.grows });
}
