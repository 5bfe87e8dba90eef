import { posix } from "node:path";
import { DebugBytes } from "./debug-bytes.ts";

/** Where the code from an address on comes from. */
export interface LineRow {
  /** Offset within the content of the code section. */
  readonly address: number;
  /** As the compiler named it, joined with its folder; undefined: no source from here on. */
  readonly file: string | undefined;
  /** From 1. */
  readonly line: number;
  /** From 1; 0: the whole line. */
  readonly column: number;
}

/** The sections of a module that line tables consist of. */
export interface LineSections {
  readonly line: Uint8Array;
  /** `.debug_line_str` and `.debug_str`, for texts that stand there. */
  readonly lineTexts: Uint8Array;
  readonly texts: Uint8Array;
}

interface Header {
  readonly minimumLength: number;
  readonly isStatement: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly opcodeLengths: readonly number[];
  readonly files: readonly string[];
}

/** Forms of attributes, of content types 1 (path) and 2 (folder): DWARF 5, 7.5.6 and 7.22. */
const FORM = { string: 0x08, lineStrp: 0x1f, strp: 0x0e, udata: 0x0f, data16: 0x1e, block: 0x09 };
const FIXED: Readonly<Record<number, number>> = { 11: 1, 5: 2, 6: 4, 7: 8 };

/**
 * Rows of DWARF's line tables (versions 2 to 5), ascending by address. Code that the linker left
 * out has none.
 * @param folder for paths that say none, in versions before 5
 * @throws RangeError: the tables are damaged
 */
export function readLineRows(sections: LineSections, folder: string): LineRow[] {
  const rows: LineRow[] = [];
  const all = new DebugBytes(sections.line);
  while (!all.done) {
    const length = all.u32();
    const end = all.offset + length;
    const unit = new DebugBytes(sections.line.subarray(0, end), all.offset);
    readUnit(unit, sections, folder, rows);
    all.skip(length);
  }
  return rows.sort((a, b) => a.address - b.address);
}

function readUnit(
  bytes: DebugBytes,
  sections: LineSections,
  folder: string,
  rows: LineRow[],
): void {
  const version = bytes.u16();
  if (version < 2 || version > 5) return;
  if (version >= 5) bytes.skip(2);
  const headerLength = bytes.u32();
  const program = bytes.offset + headerLength;
  const minimumLength = bytes.u8();
  if (version >= 4) bytes.skip(1);
  const isStatement = bytes.u8() !== 0;
  const lineBase = bytes.i8();
  const lineRange = bytes.u8();
  const opcodeBase = bytes.u8();
  const opcodeLengths = Array.from({ length: opcodeBase - 1 }, () => bytes.u8());
  const files = version >= 5 ? filesOf5(bytes, sections) : filesBefore5(bytes, folder);
  bytes.offset = program;
  const header = { minimumLength, isStatement, lineBase, lineRange, opcodeBase, opcodeLengths };
  run(bytes, { ...header, files }, rows);
}

/** Files count from 1, folders too: 0 is where the compiler ran. */
function filesBefore5(bytes: DebugBytes, folder: string): readonly string[] {
  const folders = [folder];
  for (let one = bytes.text(); one !== ""; one = bytes.text()) folders.push(join(folder, one));
  const files = [""];
  for (let one = bytes.text(); one !== ""; one = bytes.text()) {
    files.push(join(folders[bytes.uleb()] ?? folder, one));
    bytes.uleb();
    bytes.uleb();
  }
  return files;
}

function filesOf5(bytes: DebugBytes, sections: LineSections): readonly string[] {
  const folders: string[] = [];
  for (const { path } of entriesOf5(bytes, sections)) folders.push(join(folders[0] ?? "", path));
  return entriesOf5(bytes, sections).map(({ path, folder }) => join(folders[folder] ?? "", path));
}

function entriesOf5(
  bytes: DebugBytes,
  sections: LineSections,
): { readonly path: string; readonly folder: number }[] {
  const formats = Array.from({ length: bytes.u8() }, () => [bytes.uleb(), bytes.uleb()] as const);
  return Array.from({ length: bytes.uleb() }, () => {
    let path = "";
    let folder = 0;
    for (const [content, form] of formats) {
      const value = attribute(bytes, form, sections);
      if (content === 1) path = String(value);
      if (content === 2) folder = Number(value);
    }
    return { path, folder };
  });
}

function attribute(bytes: DebugBytes, form: number, sections: LineSections): string | number {
  const size = FIXED[form];
  if (size !== undefined) return bytes.sized(size);
  if (form === FORM.string) return bytes.text();
  if (form === FORM.lineStrp) return new DebugBytes(sections.lineTexts, bytes.u32()).text();
  if (form === FORM.strp) return new DebugBytes(sections.texts, bytes.u32()).text();
  if (form === FORM.udata) return bytes.uleb();
  if (form === FORM.data16) bytes.skip(16);
  else if (form === FORM.block) bytes.skip(bytes.uleb());
  else throw new RangeError(`debug information has the unknown form ${form}`);
  return 0;
}

/** What the program of a line table changes as it runs: DWARF 5, 6.2.2. */
class State {
  address = 0;
  file = 1;
  line = 1;
  column = 0;
  isStatement: boolean;
  /** Rows of the sequence so far. */
  rows: LineRow[] = [];

  constructor({ isStatement }: Header) {
    this.isStatement = isStatement;
  }

  emit({ files }: Header): void {
    const { address, line, column } = this;
    const file = line === 0 ? undefined : files[this.file];
    // Places within a statement are none to stop at.
    if (this.isStatement || !file) this.rows.push({ address, file, line, column });
  }

  /** Ends a sequence. Those that begin at 0 or beyond belong to code that is not there. */
  finish(rows: LineRow[]): void {
    const start = this.rows[0]?.address ?? 0;
    if (start === 0 || start > 0xffff_0000) return;
    rows.push(...this.rows, { address: this.address, file: undefined, line: 0, column: 0 });
  }
}

function run(bytes: DebugBytes, header: Header, rows: LineRow[]): void {
  const { lineBase, lineRange, opcodeBase, minimumLength } = header;
  let state = new State(header);
  while (!bytes.done) {
    const opcode = bytes.u8();
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      state.address += Math.floor(adjusted / lineRange) * minimumLength;
      state.line += lineBase + (adjusted % lineRange);
      state.emit(header);
    } else if (opcode === 0) {
      const ended = extended(bytes, state);
      if (!ended) continue;
      state.finish(rows);
      state = new State(header);
    } else {
      standard(bytes, opcode, state, header);
    }
  }
}

/** Answers whether the sequence ends. */
function extended(bytes: DebugBytes, state: State): boolean {
  const length = bytes.uleb();
  const end = bytes.offset + length;
  const opcode = bytes.u8();
  if (opcode === 2) state.address = bytes.sized(length - 1);
  bytes.offset = end;
  return opcode === 1;
}

function standard(bytes: DebugBytes, opcode: number, state: State, header: Header): void {
  const { minimumLength, opcodeBase, lineRange, opcodeLengths } = header;
  if (opcode === 1) state.emit(header);
  else if (opcode === 2) state.address += bytes.uleb() * minimumLength;
  else if (opcode === 3) state.line += bytes.sleb();
  else if (opcode === 4) state.file = bytes.uleb();
  else if (opcode === 5) state.column = bytes.uleb();
  else if (opcode === 6) state.isStatement = !state.isStatement;
  else if (opcode === 8) {
    state.address += Math.floor((255 - opcodeBase) / lineRange) * minimumLength;
  } else if (opcode === 9) state.address += bytes.u16();
  else for (let rest = opcodeLengths[opcode - 1] ?? 0; rest > 0; rest--) bytes.uleb();
}

/** Paths of compilers are those of the system that they ran on; this joins either kind. */
function join(folder: string, path: string): string {
  const isAbsolute = path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path);
  return isAbsolute || folder === "" ? path : posix.join(folder.replaceAll("\\", "/"), path);
}
