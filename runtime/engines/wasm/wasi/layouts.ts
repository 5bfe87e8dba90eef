/** Structures of WASI in guest memory, where the two snapshots differ or the shim's are wrong. */
import type { GuestMemory } from "../guest-memory.ts";
import type { FileStat } from "./descriptor.ts";

/** What differs between `wasi_snapshot_preview1` and `wasi_unstable`. */
export interface Dialect {
  /** preview1's whence for the number that the guest gives; undefined: there is no such. */
  whence(given: number): number | undefined;
  writeFileStat(memory: GuestMemory, at: number, stat: FileStat): void;
  /** Size of a subscription, and where its union's content and a clock's fields start. */
  readonly subscription: { readonly size: number; readonly clock: number };
}

/** @see https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md */
export const PREVIEW1: Dialect = {
  whence: (given) => (given <= 2 ? given : undefined),
  writeFileStat(memory, at, stat) {
    memory.check(at, 64);
    writeHead(memory, at, stat);
    memory.setU64(at + 24, stat.nlink);
    writeTail(memory, at + 32, stat);
  },
  subscription: { size: 48, clock: 16 },
};

/** @see https://github.com/WebAssembly/WASI/blob/main/legacy/preview0/docs.md */
export const UNSTABLE: Dialect = {
  // cur, end, set
  whence: (given) => [1, 2, 0][given],
  writeFileStat(memory, at, stat) {
    memory.check(at, 56);
    writeHead(memory, at, stat);
    memory.setU32(at + 20, Number(stat.nlink));
    writeTail(memory, at + 24, stat);
  },
  // A clock has an identifier of 64 bits before its fields.
  subscription: { size: 56, clock: 24 },
};

function writeHead(memory: GuestMemory, at: number, stat: FileStat): void {
  memory.setU64(at, 1n);
  memory.setU64(at + 8, stat.ino);
  memory.setU64(at + 16, 0n);
  memory.setU8(at + 16, stat.filetype);
}

function writeTail(memory: GuestMemory, at: number, stat: FileStat): void {
  memory.setU64(at, stat.size);
  memory.setU64(at + 8, stat.atim);
  memory.setU64(at + 16, stat.mtim);
  memory.setU64(at + 24, stat.ctim);
}
