import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { BoundModule } from "../../guest-api/define.ts";
import { NO_BUDGET } from "../memory-budget.ts";
import { bundledAsset } from "./assets.ts";
import type { MachineLimits } from "./faults.ts";
import { GuestApiTable } from "./guest-api-table.ts";
import { HeapImage } from "./heap-image.ts";
import { type Internals, Json } from "./host-value.ts";
import { Machine } from "./machine.ts";
import { loadPrelude, PRELUDE_FILE } from "./prelude.ts";
import { isPure, PureOperations } from "./pure-operations.ts";
import { EVAL, type Pointer } from "./quickjs-abi.ts";
import { quickJSModule } from "./quickjs-wasm.ts";
import { findRandomState } from "./random-state.ts";

/** A heap with the prelude in it, from which every function's heap is made. */
export interface PreludeImage {
  readonly image: HeapImage;
  readonly table: GuestApiTable;
}

const INTERNAL_NAMES = [
  "makeError",
  "describeError",
  "parseJson",
  "adopt",
  "enterScript",
  "enterModule",
  "settle",
  "prepare",
] as const satisfies readonly (keyof Internals)[];

const LIMITS: MachineLimits = {
  memoryPages: 1024,
  stackBytes: 256 * 1024,
  cpuMs: 60_000,
  budget: NO_BUDGET,
};

const tables = new WeakMap<readonly BoundModule[], GuestApiTable>();
const made = new WeakMap<GuestApiTable, Map<string, Promise<PreludeImage>>>();

/**
 * The prelude's heap for a stack of this size, with or without the streams. Made once per process,
 * or read from what the build made.
 */
export function preludeImage(
  modules: readonly BoundModule[],
  stackBytes: number,
  withStreams: boolean,
): Promise<PreludeImage> {
  const table = tables.get(modules) ?? new GuestApiTable(modules);
  tables.set(modules, table);
  const images = made.get(table) ?? new Map<string, Promise<PreludeImage>>();
  made.set(table, images);
  const key = `${quickJSModule(stackBytes).heapBase} ${withStreams}`;
  let image = images.get(key);
  if (!image) {
    image = read(table, stackBytes, withStreams).then(
      (found) => found ?? make(table, stackBytes, withStreams),
    );
    images.set(key, image);
  }
  return image;
}

/** Name of the asset with the prelude's heap for ordinary stacks. */
export function heapAsset(withStreams: boolean): string {
  return withStreams ? "javascript-heap-streams.bin" : "javascript-heap.bin";
}

/** The prelude's heap as an asset of the build: reading it is a hundred times faster than making it. */
export async function buildHeap(
  modules: readonly BoundModule[],
  withStreams: boolean,
): Promise<Uint8Array> {
  const { image, table } = await preludeImage(modules, LIMITS.stackBytes, withStreams);
  return image.serialize(await keyOf(table, image.module.heapBase));
}

/** An image is good for exactly one prelude, one guest API and one layout of the memory. */
async function keyOf(table: GuestApiTable, heapBase: number): Promise<string> {
  const { main, streams } = await loadPrelude();
  const content = JSON.stringify([main, streams, table.description, table.script, heapBase]);
  return createHash("sha256").update(content).digest("hex");
}

async function read(
  table: GuestApiTable,
  stackBytes: number,
  withStreams: boolean,
): Promise<PreludeImage | undefined> {
  const path = bundledAsset(heapAsset(withStreams));
  if (path === undefined) return undefined;
  const module = quickJSModule(stackBytes);
  const key = await keyOf(table, module.heapBase);
  const image = HeapImage.deserialize(module, readFileSync(path), key);
  return image && { image, table };
}

async function make(
  table: GuestApiTable,
  stackBytes: number,
  withStreams: boolean,
): Promise<PreludeImage> {
  const prelude = await loadPrelude();
  const machine = new Machine(quickJSModule(stackBytes), LIMITS);
  machine.boot();
  const randomState = await findRandomState(machine);
  const pure = new PureOperations();
  machine.host = {
    answer: (operation, args) => (isPure(operation) ? pure.answer(operation, args) : undefined),
  };
  setGlobal(
    machine,
    "__host",
    machine.quickjs.newFunction(machine.context, nameOf(machine), 0, 0, 1),
  );
  await withoutSource(machine, async () => {
    await evaluate(machine, prelude.main);
    await evaluate(machine, table.script);
  });
  machine.internals = await takeInternals(machine);
  await machine.call(machine.internals.prepare, [new Json(table.description)]);
  if (withStreams) {
    machine.host = {
      answer(operation, args) {
        if (isPure(operation)) return pure.answer(operation, args);
        machine.evaluateNested(prelude.streams, PRELUDE_FILE);
        return undefined;
      },
    };
    await withoutSource(machine, () => evaluate(machine, "ReadableStream"));
  }
  return { image: HeapImage.of(machine, randomState), table };
}

/** Where a runtime says what to leave out of compiled functions (`strip_flags`). */
const STRIP_FLAGS_OFFSET = 228;
const STRIP_SOURCE = 1;

/**
 * Compiles without keeping the text of functions, which would be two thirds of the prelude's heap,
 * copied at each call. To guests these functions look native, as a platform's do.
 */
async function withoutSource(machine: Machine, work: () => Promise<unknown>): Promise<void> {
  const at = machine.runtime + STRIP_FLAGS_OFFSET;
  machine.bytes[at] = STRIP_SOURCE;
  await work();
  const shown = machine.text(await evaluate(machine, "(function probe() {}).toString()"));
  if (!shown.includes("native code")) throw new TypeError("QuickJS keeps its flags elsewhere");
  machine.bytes[at] = 0;
}

async function evaluate(machine: Machine, code: string): Promise<Pointer> {
  const result = await machine.evaluate(code, PRELUDE_FILE, EVAL.SCRIPT);
  if (machine.isException(result)) {
    const { message } = machine.describe(result);
    throw new TypeError(`the prelude does not run: ${message}`);
  }
  return result;
}

async function takeInternals(machine: Machine): Promise<Internals> {
  const found = await evaluate(
    machine,
    "(()=>{const found=__internals;delete globalThis.__internals;return found})()",
  );
  const { quickjs, context } = machine;
  const entries = INTERNAL_NAMES.map((name) => {
    const key = machine.newValue(name);
    return [name, quickjs.getProp(context, found, key)];
  });
  return Object.fromEntries(entries) as Internals;
}

function setGlobal(machine: Machine, name: string, value: Pointer): void {
  const { quickjs, context } = machine;
  quickjs.setProp(context, quickjs.getGlobalObject(context), machine.newValue(name), value);
}

/** An empty C string for the name of the host function. */
function nameOf(machine: Machine): Pointer {
  const at = machine.quickjs.malloc(1);
  machine.bytes[at] = 0;
  return at;
}
