import { MocError } from "../../protocol/errors.ts";
import { ByteWriter } from "./byte-writer.ts";
import { kindCode, type Limits, type ModuleInfo } from "./module-info.ts";
import { assemble, extendedSection, type ReplacedSections, sectionOf } from "./module-sections.ts";
import { moveSourceMap } from "./move-source-map.ts";
import { readModule, SECTION, type Section } from "./read-module.ts";
import { watchGrowth } from "./watch-growth.ts";

/** Most entries of a module's tables together. */
const TABLE_ENTRIES_MAX = 1_000_000;

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

/** A module whose state can be reached, and what is known of it. */
export interface RewrittenModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly info: ModuleInfo;
  readonly state: StateExports;
  /** Maximum of each memory in pages, imported ones first. */
  readonly memoryMax: readonly number[];
  /** All state of an instance is memory and globals that can be put back. */
  readonly restorable: boolean;
  /** What was added before the code section: offsets in stack traces minus this are the author's. */
  readonly codeShift: number;
}

/**
 * Makes the state of a module's instances reachable: exports its mutable globals and memories under
 * names of ours, takes the start section out, lowers the maxima of its memories so that they
 * sum up to `pagesMax` (64 KiB each) at most, and notes in a global when `memory.grow` is refused.
 *
 * @param debug functions stay as they are, byte for byte, so that debug information fits; refusals
 *   of memory are not noted then
 * @throws MOC_GUEST_INVALID, and MOC_LIMIT_MEMORY when the module wants more from the start
 */
export function rewriteModule(bytes: Uint8Array, pagesMax: number, debug = false): RewrittenModule {
  const parsed = readModule(bytes);
  const { info } = parsed;
  const memoryCaps = capMemories(info.memories, pagesMax);
  const caps = new Map([...memoryCaps, ...capTables(info.tables)]);

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
  const growRefused = parsed.growing.length > 0 && !debug;
  const state: StateExports = {
    globals: savable.map((index) => add(`g${index}`, "global", index)),
    memories: info.memories.map((_, index) => add(`m${index}`, "memory", index)),
    start:
      parsed.startFunction === undefined ? undefined : add("s", "function", parsed.startFunction),
    growRefused: growRefused ? add("r", "global", info.globals.length) : undefined,
  };
  for (const id of [SECTION.import, SECTION.table, SECTION.memory]) {
    replaced.set(id, withCaps(bytes, sectionOf(parsed, id), caps));
  }
  if (added > 0) {
    replaced.set(
      SECTION.export,
      extendedSection(bytes, parsed, SECTION.export, { added, entries: exported }),
    );
  }
  if (parsed.startFunction !== undefined) replaced.set(SECTION.start, undefined);
  if (growRefused) watchGrowth(bytes, parsed, replaced);

  const assembled = assemble(bytes, parsed, replaced);
  const result = debug ? moveSourceMap(assembled) : assembled;
  const mutable = info.globals.filter((global) => global.mutable).length;
  return {
    ...result,
    info,
    state,
    memoryMax: [...memoryCaps.values()],
    restorable: !parsed.changesUnsaved && savable.length === mutable,
  };
}

type Caps = ReadonlyMap<Limits, number>;

function capMemories(memories: readonly Limits[], pagesMax: number): Caps {
  if (memories.some((memory) => memory.shared)) {
    throw new MocError(
      "MOC_GUEST_INVALID",
      "the WebAssembly module wants shared memory (threads), which is not supported; build it without threads",
    );
  }
  const declared = sumOfMinima(memories);
  if (declared > pagesMax) {
    throw new MocError(
      "MOC_LIMIT_MEMORY",
      `the module declares ${Math.ceil(declared / 16)} MiB of memory, its limit is ${Math.floor(pagesMax / 16)} MiB; raise limits.memoryMiB, or link it with a smaller stack and heap`,
    );
  }
  return share(memories, pagesMax - declared);
}

/** Tables lie outside of linear memory, and would be a way round its limit. */
function capTables(tables: readonly Limits[]): Caps {
  const declared = sumOfMinima(tables);
  if (declared > TABLE_ENTRIES_MAX) {
    throw new MocError(
      "MOC_LIMIT_MEMORY",
      `the module declares tables of ${declared} entries, their limit is ${TABLE_ENTRIES_MAX}`,
    );
  }
  return share(tables, TABLE_ENTRIES_MAX - declared);
}

function sumOfMinima(all: readonly Limits[]): number {
  return all.reduce((sum, one) => sum + one.min, 0);
}

/** Each may grow by the same part of what is left. */
function share(all: readonly Limits[], left: number): Caps {
  const part = Math.floor(left / Math.max(1, all.length));
  return new Map(all.map((one) => [one, Math.min(one.max ?? one.min + part, one.min + part)]));
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

/** A section in which limits are written anew, with their caps as maxima. */
function withCaps(bytes: Uint8Array, section: Section | undefined, caps: Caps) {
  if (!section) return undefined;
  const writer = new ByteWriter();
  let copied = section.start;
  for (const [limits, cap] of caps) {
    if (limits.start < section.start || limits.start >= section.end) continue;
    writer.bytes(bytes.subarray(copied, limits.start)).byte(1).u32(limits.min).u32(cap);
    copied = limits.end;
  }
  return writer.bytes(bytes.subarray(copied, section.end)).toBytes();
}
