import { WASIProcExit, wasi } from "@bjorn3/browser_wasi_shim";
import type { GuestMemory } from "../guest-memory.ts";
import { nowNs } from "./file-tree.ts";
import type { WasiProcess } from "./process.ts";
import { fail } from "./wasi-error.ts";
import type { WasiFunctions } from "./wasi-function.ts";

/** Nanoseconds that clocks can tell apart. */
const RESOLUTION = 1000n;
/** Most bytes that the generator gives at once. */
const RANDOM_PART = 65_536;

/** Arguments, environment, clocks, randomness, and the end of the program. */
export const programFunctions: WasiFunctions = {
  args_sizes_get: {
    params: "ii",
    run: (process, count: number, size: number) =>
      writeSizes(process.memory, process.args, count, size),
  },
  args_get: {
    params: "ii",
    run: (process, pointers: number, bytes: number) =>
      writeStrings(process.memory, process.args, pointers, bytes),
  },
  environ_sizes_get: {
    params: "ii",
    run: (process, count: number, size: number) =>
      writeSizes(process.memory, process.environment, count, size),
  },
  environ_get: {
    params: "ii",
    run: (process, pointers: number, bytes: number) =>
      writeStrings(process.memory, process.environment, pointers, bytes),
  },
  clock_res_get: {
    params: "ii",
    run(process, clock: number, out: number) {
      readClock(process, clock);
      process.memory.setU64(out, RESOLUTION);
    },
  },
  clock_time_get: {
    params: "ili",
    run: (process, clock: number, _precision: bigint, out: number) =>
      process.memory.setU64(out, readClock(process, clock)),
  },
  random_get: {
    params: "ii",
    run(process, pointer: number, length: number) {
      const bytes = process.memory.slice(pointer, length);
      for (let offset = 0; offset < bytes.length; offset += RANDOM_PART) {
        crypto.getRandomValues(bytes.subarray(offset, offset + RANDOM_PART));
      }
    },
  },
  sched_yield: { params: "", run() {} },
  proc_exit: {
    params: "i",
    result: "",
    run(_process, code: number) {
      throw new WASIProcExit(code >>> 0);
    },
  },
  proc_raise: {
    params: "i",
    run(_process, signal: number) {
      if (signal >>> 0 > wasi.SIGNAL_SYS) fail(wasi.ERRNO_INVAL);
      // No handlers exist: signals that end a process do, as a shell would report it.
      if (!IGNORED_SIGNALS.has(signal)) throw new WASIProcExit(128 + signal);
    },
  },
};

const IGNORED_SIGNALS: ReadonlySet<number> = new Set([
  wasi.SIGNAL_NONE,
  wasi.SIGNAL_CHLD,
  wasi.SIGNAL_CONT,
  wasi.SIGNAL_URG,
  wasi.SIGNAL_WINCH,
]);

/** The time on a clock in nanoseconds. Processor time is that of the call: nothing else runs in it. */
export function readClock(process: WasiProcess, clock: number): bigint {
  switch (clock) {
    case wasi.CLOCKID_REALTIME:
      return nowNs();
    case wasi.CLOCKID_MONOTONIC:
      return toNs(performance.now());
    case wasi.CLOCKID_PROCESS_CPUTIME_ID:
    case wasi.CLOCKID_THREAD_CPUTIME_ID:
      return toNs(performance.now() - process.startedAt);
    default:
      return fail(wasi.ERRNO_INVAL);
  }
}

function toNs(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds * 1e6));
}

function writeSizes(
  memory: GuestMemory,
  strings: readonly Uint8Array[],
  count: number,
  size: number,
): void {
  memory.setU32(count, strings.length);
  memory.setU32(
    size,
    strings.reduce((sum, text) => sum + text.length + 1, 0),
  );
}

function writeStrings(
  memory: GuestMemory,
  strings: readonly Uint8Array[],
  pointers: number,
  bytes: number,
): void {
  let at = bytes >>> 0;
  for (const [index, text] of strings.entries()) {
    memory.setU32((pointers >>> 0) + index * 4, at);
    at += memory.writeCString(at, text);
  }
}
