import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundledAsset } from "./assets.ts";
import { trackWrites } from "./track-writes.ts";

/** Stack that the wasm file reserves below its heap. */
const FILE_STACK_BYTES = 5 * 2 ** 20;
/** Address where that stack begins and the heap starts in the file as it is published. */
const FILE_HEAP_BASE = 5_333_088;
/** Address of libc's break: the end of the heap in use. It only ever rises. */
export const BREAK_ADDRESS = 86_864;
export const PAGE_BYTES = 65_536;

/** QuickJS compiled, with a stack of our size. */
export interface QuickJSModule {
  readonly module: WebAssembly.Module;
  /** First address of the heap, and of the stack, which grows downwards from it. */
  readonly heapBase: number;
  /** First address of the stack's room: static data lies below it. */
  readonly stackLow: number;
  readonly initialPages: number;
}

const compiled = new Map<number, QuickJSModule>();
let tracked: Uint8Array<ArrayBuffer> | undefined;

/**
 * QuickJS with room for a C stack of at least `stackBytes`. Compiled once per process and size.
 *
 * The file as published starts with 16 MiB, 5 of them stack: an instance then costs 3 ms, most of
 * it garbage collections that V8 schedules by declared size. With the heap moved down next to a
 * stack of the needed size it is 0.6 ms.
 */
export function quickJSModule(stackBytes: number): QuickJSModule {
  // Two sizes only: pointers in a saved heap are absolute, so each size needs its own heaps.
  const room = stackBytes <= 2 ** 19 ? 2 ** 20 : FILE_STACK_BYTES;
  let found = compiled.get(room);
  if (!found) {
    const stackLow = FILE_HEAP_BASE - FILE_STACK_BYTES;
    const heapBase = stackLow + room;
    const initialPages = Math.ceil((heapBase + 2 ** 19) / PAGE_BYTES);
    const module = new WebAssembly.Module(relocate(readTracked(), heapBase, initialPages));
    found = { module, heapBase, stackLow, initialPages };
    compiled.set(room, found);
  }
  return found;
}

/** Largest C stack that `quickJSModule` can give, with a reserve for what QuickJS does not count. */
export const STACK_BYTES_MAX = FILE_STACK_BYTES - 2 ** 19;

/** QuickJS with marks of its writes: an asset of the build, since making it takes 50 ms. */
export function buildQuickJS(): Uint8Array<ArrayBuffer> {
  const path = fileURLToPath(import.meta.resolve("@jitl/quickjs-wasmfile-release-sync/wasm"));
  return trackWrites(readFileSync(path));
}

function readTracked(): Uint8Array<ArrayBuffer> {
  const asset = bundledAsset("quickjs.wasm");
  tracked ??= asset === undefined ? buildQuickJS() : new Uint8Array(readFileSync(asset));
  return tracked;
}

/**
 * Moves the heap's start: the stack pointer's initial value and libc's copy of it (two constants),
 * the initial break (one word of data), and the least size of the imported memory. All are written
 * over in place, with the same number of bytes.
 */
function relocate(
  file: Uint8Array<ArrayBuffer>,
  heapBase: number,
  initialPages: number,
): Uint8Array<ArrayBuffer> {
  const bytes = file.slice();
  const constant = (value: number) => Uint8Array.of(0x41, ...leb(value, 4));
  replace(bytes, constant(FILE_HEAP_BASE), constant(heapBase), 2);
  replace(bytes, word(FILE_HEAP_BASE), word(heapBase), 1);
  const memory = (pages: number) => Uint8Array.of(0x02, 0x01, ...leb(pages, 2), 0x80, 0x80, 0x02);
  replace(bytes, memory(256), memory(initialPages), 1);
  return bytes;
}

function replace(bytes: Uint8Array, from: Uint8Array, to: Uint8Array, times: number): void {
  const buffer = Buffer.from(bytes.buffer);
  let found = 0;
  for (let at = buffer.indexOf(from); at >= 0; at = buffer.indexOf(from, at + 1)) {
    bytes.set(to, at);
    found++;
  }
  if (found !== times) throw new TypeError(`quickjs.wasm is not the file this code was made for`);
}

/** Unsigned LEB128 padded to `size` bytes. */
function leb(value: number, size: number): number[] {
  const bytes: number[] = [];
  for (let i = 0; i < size; i++) {
    bytes.push((value & 0x7f) | (i < size - 1 ? 0x80 : 0));
    value >>>= 7;
  }
  return bytes;
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
