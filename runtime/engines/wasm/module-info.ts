import { type ByteReader, invalidModule } from "./byte-reader.ts";

/** A function's type; value types as in the text format (`i32`, `funcref`, …). */
export interface FunctionType {
  readonly params: readonly string[];
  readonly results: readonly string[];
}

/** Limits of a memory (pages of 64 KiB) or a table (entries). */
export interface Limits {
  readonly min: number;
  readonly max: number | undefined;
  readonly shared: boolean;
  /** Where they stand in the module's bytes. */
  readonly start: number;
  readonly end: number;
}

/** What an import or export is. */
type ImportKind = "function" | "table" | "memory" | "global" | "tag";

/** One import, as declared. */
export interface ModuleImport {
  readonly module: string;
  readonly field: string;
  readonly kind: ImportKind;
  /** Of functions. */
  readonly type?: FunctionType;
  /** Of memories and tables. */
  readonly limits?: Limits;
  readonly valueType?: string;
}

/** Type of a global. */
interface GlobalInfo {
  readonly valueType: string;
  readonly mutable: boolean;
}

/** One export: its index counts imported ones first. */
interface ModuleExport {
  readonly name: string;
  readonly kind: ImportKind;
  readonly index: number;
}

/** What a module declares, imports first in each index space. */
export interface ModuleInfo {
  /** undefined: a type that is not a function's. */
  readonly types: (FunctionType | undefined)[];
  readonly imports: ModuleImport[];
  /** Of all functions, imported ones first. */
  readonly functions: (FunctionType | undefined)[];
  readonly tables: Limits[];
  readonly memories: Limits[];
  readonly globals: GlobalInfo[];
  readonly exports: ModuleExport[];
}

const KINDS: readonly ImportKind[] = ["function", "table", "memory", "global", "tag"];

const VALUE_TYPES: Readonly<Record<number, string>> = {
  127: "i32",
  126: "i64",
  125: "f32",
  124: "f64",
  123: "v128",
  120: "i8",
  119: "i16",
  116: "nullexnref",
  115: "nullfuncref",
  114: "nullexternref",
  113: "nullref",
  112: "funcref",
  111: "externref",
  110: "anyref",
  109: "eqref",
  108: "i31ref",
  107: "structref",
  106: "arrayref",
  105: "exnref",
};

/**
 * Name of a value type; references to declared types show their index.
 *
 * @throws MOC_GUEST_INVALID
 */
export function readValueType(reader: ByteReader): string {
  const at = reader.offset;
  const code = reader.byte();
  const known = VALUE_TYPES[code];
  if (known) return known;
  if (code === 0x63 || code === 0x64) {
    const start = reader.offset;
    reader.skipNumber();
    const heapType = [...reader.bytes.subarray(start, reader.offset)].join(".");
    return `(ref ${code === 0x63 ? "null " : ""}${heapType})`;
  }
  throw invalidModule(`value type 0x${code.toString(16)} is not known`, at);
}

/** The parameter and result types behind the form byte. */
function readFunctionType(reader: ByteReader): FunctionType {
  return { params: readValueTypes(reader), results: readValueTypes(reader) };
}

function readValueTypes(reader: ByteReader): string[] {
  return Array.from({ length: reader.count() }, () => readValueType(reader));
}

/** The types of one entry of the type section: several for a recursion group. */
export function readTypes(reader: ByteReader): (FunctionType | undefined)[] {
  const at = reader.offset;
  const form = reader.byte();
  switch (form) {
    case 0x60:
      return [readFunctionType(reader)];
    case 0x4e:
      return Array.from({ length: reader.count() }, () => readTypes(reader)).flat();
    case 0x50:
    case 0x4f:
      for (let supers = reader.count(); supers > 0; supers--) reader.u32();
      return readTypes(reader);
    case 0x5f:
      for (let fields = reader.count(); fields > 0; fields--) readField(reader);
      return [undefined];
    case 0x5e:
      readField(reader);
      return [undefined];
    default:
      throw invalidModule(`type form 0x${form.toString(16)} is not known`, at);
  }
}

function readField(reader: ByteReader): void {
  readValueType(reader);
  reader.byte();
}

/** Limits of a memory (in pages of 64 KiB) or a table (in entries). */
export function readLimits(reader: ByteReader): Limits {
  const start = reader.offset;
  const flags = reader.byte();
  if (flags & 4) throw invalidModule("64 bit memories and tables are not supported", start);
  if (flags > 3) throw invalidModule(`limits of kind 0x${flags.toString(16)} are not known`, start);
  const min = reader.u32();
  const max = flags & 1 ? reader.u32() : undefined;
  return { min, max, shared: (flags & 2) !== 0, start, end: reader.offset };
}

/** A value type and whether it may change. */
export function readGlobalType(reader: ByteReader): GlobalInfo {
  return { valueType: readValueType(reader), mutable: (reader.byte() & 1) !== 0 };
}

/**
 * The kind byte of an import or export.
 *
 * @throws MOC_GUEST_INVALID
 */
export function readKind(reader: ByteReader): ImportKind {
  const at = reader.offset;
  const kind = KINDS[reader.byte()];
  if (!kind) throw invalidModule("an import or export is of no known kind", at);
  return kind;
}

/** Number that stands for a kind in the binary format. */
export function kindCode(kind: ImportKind): number {
  return KINDS.indexOf(kind);
}

/** `(i32, i32) -> i32`, for messages. */
export function printType(type: FunctionType): string {
  const results = type.results.length === 1 ? type.results[0] : `(${type.results.join(", ")})`;
  return `(${type.params.join(", ")}) -> ${results}`;
}

/** Whether a function of one type can stand for one of the other. */
export function sameType(a: FunctionType, b: FunctionType): boolean {
  return printType(a) === printType(b);
}
