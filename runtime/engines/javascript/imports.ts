import type { Pointer } from "./quickjs-abi.ts";

/** What QuickJS needs of its surroundings beside memory. */
interface MachineImports {
  callHost(argumentCount: number, argumentValues: Pointer): Pointer | Promise<Pointer>;
  shouldInterrupt(): boolean;
  growMemory(bytes: number): boolean;
  words(): DataView;
}

/** Address space of Emscripten's `struct tm`, in words. */
const TM = { sec: 0, min: 4, hour: 8, mday: 12, mon: 16, year: 20, wday: 24, yday: 28, isdst: 32 };
const TM_GMTOFF = 36;
const DAY_MS = 86_400_000;

/**
 * The import object for QuickJS's wasm file (minified names of 0.32.0). Guests live in UTC, have no
 * files, no environment variables and no console of their own.
 */
export function makeImports(
  memory: WebAssembly.Memory,
  machine: MachineImports,
): WebAssembly.Imports {
  const refuse = (what: string) => () => {
    throw new WebAssembly.RuntimeError(`QuickJS gave up: ${what}`);
  };
  return {
    a: {
      a: memory,
      b: refuse("assertion failed"),
      q: refuse("abort"),
      r: refuse("exit"),
      l: () => undefined,
      j: () => 0,
      m: (time: bigint, tm: Pointer) => writeUtc(machine.words(), Number(time), tm),
      n: (timezone: Pointer, daylight: Pointer) => {
        machine.words().setUint32(timezone, 0, true);
        machine.words().setUint32(daylight, 0, true);
      },
      p: () => Date.now(),
      k: (bytes: number) => (machine.growMemory(bytes >>> 0) ? 1 : 0),
      e: () => 0,
      f: (count: Pointer, size: Pointer) => {
        machine.words().setUint32(count, 0, true);
        machine.words().setUint32(size, 0, true);
        return 0;
      },
      // errno: EBADF, ESPIPE, EBADF
      d: () => 8,
      o: () => 70,
      c: () => 8,
      // Where the DOM's types are loaded too (tests in a browser), they know nothing of suspension.
      s: new WebAssembly.Suspending(
        (_context: Pointer, _self: Pointer, count: number, values: Pointer) =>
          machine.callHost(count, values),
      ) as unknown as WebAssembly.ImportValue,
      i: () => (machine.shouldInterrupt() ? 1 : 0),
      h: () => 0,
      g: () => 0,
      t: () => undefined,
    },
  };
}

function writeUtc(words: DataView, seconds: number, tm: Pointer): void {
  const date = new Date(seconds * 1000);
  const year = date.getUTCFullYear();
  const fields: readonly [number, number][] = [
    [TM.sec, date.getUTCSeconds()],
    [TM.min, date.getUTCMinutes()],
    [TM.hour, date.getUTCHours()],
    [TM.mday, date.getUTCDate()],
    [TM.mon, date.getUTCMonth()],
    [TM.year, year - 1900],
    [TM.wday, date.getUTCDay()],
    [TM.yday, Math.floor((date.getTime() - Date.UTC(year, 0, 1)) / DAY_MS)],
    [TM.isdst, 0],
    [TM_GMTOFF, 0],
  ];
  for (const [offset, value] of fields) words.setInt32(tm + offset, value, true);
}
