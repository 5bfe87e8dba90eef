import { MocError } from "../../protocol/errors.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { kindCode, type Limits, type ModuleInfo, readMemoryLimits } from "./module-info.ts";
import { assemble, extendedSection, type ReplacedSections, sectionOf } from "./module-sections.ts";
import { type ParsedModule, readModule, SECTION } from "./read-module.ts";
import { watchGrowth } from "./watch-growth.ts";

/** Names under which the parts of a module's state are exported. */
export interface StateExports {
  /** Mutable globals that can be saved. */
  readonly globals: readonly string[];
  readonly memories: readonly string[];
  /** The module's start section, taken out so that it runs when we say. */
  readonly start: string | undefined;
  /** An i32 that becomes 1 when the module was refused more memory. */
  readonly growRefused: string | undefined;
}

export interface RewrittenModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly info: ModuleInfo;
  readonly state: StateExports;
  /** All state of an instance is memory and globals that can be put back. */
  readonly restorable: boolean;
  /** What was added before the code section: offsets in stack traces minus this are the author's. */
  readonly codeShift: number;
}

/**
 * Makes the state of a module's instances reachable: exports its mutable globals and memories under
 * names of ours, takes the start section out, lowers the maximum of its memories to `pagesMax`
 * (64 KiB each), and notes in a global when `memory.grow` is refused.
 *
 * @throws MOC_GUEST_INVALID, and MOC_LIMIT_MEMORY when the module wants more from the start
 */
export function rewriteModule(bytes: Uint8Array, pagesMax: number): RewrittenModule {
  const parsed = readModule(bytes);
  const { info } = parsed;
  for (const memory of info.memories) checkMemory(memory, pagesMax);

  const prefix = freePrefix(info);
  const replaced: ReplacedSections = new Map();
  const exported = new ByteWriter();
  const add = (name: string, kind: "function" | "memory" | "global", index: number) => {
    exported
      .name(prefix + name)
      .byte(kindCode(kind))
      .u32(index);
    added++;
    return prefix + name;
  };
  let added = 0;

  const savable = info.globals.flatMap((global, index) =>
    global.mutable && isSavable(global.valueType) ? [index] : [],
  );
  const growRefused = parsed.growing.length > 0;
  const state: StateExports = {
    globals: savable.map((index) => add(`g${index}`, "global", index)),
    memories: info.memories.map((_, index) => add(`m${index}`, "memory", index)),
    start:
      parsed.startFunction === undefined ? undefined : add("s", "function", parsed.startFunction),
    growRefused: growRefused ? add("r", "global", info.globals.length) : undefined,
  };
  replaced.set(SECTION.memory, cappedMemories(bytes, parsed, pagesMax));
  replaced.set(SECTION.import, cappedImports(bytes, parsed, pagesMax));
  if (added > 0) {
    replaced.set(
      SECTION.export,
      extendedSection(bytes, parsed, SECTION.export, { added, entries: exported }),
    );
  }
  if (parsed.startFunction !== undefined) replaced.set(SECTION.start, undefined);
  if (growRefused) watchGrowth(bytes, parsed, replaced);

  const result = assemble(bytes, parsed, replaced);
  const mutable = info.globals.filter((global) => global.mutable).length;
  return {
    ...result,
    info,
    state,
    restorable: !parsed.changesUnsaved && savable.length === mutable,
  };
}

function checkMemory(memory: Limits, pagesMax: number): void {
  if (memory.shared) {
    throw new MocError(
      "MOC_GUEST_INVALID",
      "the WebAssembly module wants shared memory (threads), which is not supported; build it without threads",
    );
  }
  if (memory.min > pagesMax) {
    throw new MocError(
      "MOC_LIMIT_MEMORY",
      `the module declares ${Math.ceil(memory.min / 16)} MiB of memory, its limit is ${Math.floor(pagesMax / 16)} MiB; raise limits.memoryMiB, or link it with a smaller stack and heap`,
    );
  }
}

/** Vectors cannot cross to JavaScript; references to the garbage collected heap can be shared. */
function isSavable(valueType: string): boolean {
  return ["i32", "i64", "f32", "f64", "funcref", "externref"].includes(valueType);
}

/** A prefix that no export of the module has. */
function freePrefix(info: ModuleInfo): string {
  let prefix = "moc:";
  while (info.exports.some((one) => one.name.startsWith(prefix))) prefix += ":";
  return prefix;
}

function writeCapped(writer: ByteWriter, limits: Limits, pagesMax: number): void {
  writer
    .byte(1)
    .u32(limits.min)
    .u32(Math.min(limits.max ?? pagesMax, pagesMax));
}

function cappedMemories(bytes: Uint8Array, parsed: ParsedModule, pagesMax: number) {
  const section = sectionOf(parsed, SECTION.memory);
  if (!section) return undefined;
  const reader = new ByteReader(bytes, section.start, section.end);
  const count = reader.count();
  const writer = new ByteWriter().u32(count);
  for (let left = count; left > 0; left--) writeCapped(writer, readMemoryLimits(reader), pagesMax);
  return writer.toBytes();
}

/** The memory that we supply for an import has our maximum, so the import must ask for it. */
function cappedImports(bytes: Uint8Array, parsed: ParsedModule, pagesMax: number) {
  const section = sectionOf(parsed, SECTION.import);
  if (!section) return undefined;
  const writer = new ByteWriter();
  let copied = section.start;
  for (const one of parsed.info.imports) {
    if (!one.limits || one.kind !== "memory") continue;
    writer.bytes(bytes.subarray(copied, one.start));
    writeCapped(writer, one.limits, pagesMax);
    copied = one.end;
  }
  return writer.bytes(bytes.subarray(copied, section.end)).toBytes();
}
