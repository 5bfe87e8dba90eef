import { wasi } from "@bjorn3/browser_wasi_shim";
import type { GuestMemory } from "../guest-memory.ts";
import { fail } from "./wasi-error.ts";

const VECTORS_MAX = 1024;
/** A call moves at most so many bytes: vectors may name the same bytes many times. */
const BYTES_MAX = 16 * 2 ** 20;

interface Vector {
  readonly pointer: number;
  readonly length: number;
}

function readVectors(memory: GuestMemory, pointer: number, count: number): Vector[] {
  const vectors = count >>> 0;
  if (vectors > VECTORS_MAX) fail(wasi.ERRNO_INVAL);
  const from = memory.check(pointer, vectors * 8);
  return Array.from({ length: vectors }, (_, index) => {
    const at = from + index * 8;
    const length = memory.view.getUint32(at + 4, true);
    return { pointer: memory.check(memory.view.getUint32(at, true), length), length };
  });
}

/** The bytes of all vectors, copied: what takes them may keep them. */
export function gather(
  memory: GuestMemory,
  pointer: number,
  count: number,
): Uint8Array<ArrayBuffer> {
  const vectors = readVectors(memory, pointer, count);
  const total = vectors.reduce((sum, vector) => sum + vector.length, 0);
  const gathered = new Uint8Array(Math.min(total, BYTES_MAX));
  let offset = 0;
  for (const vector of vectors) {
    const length = Math.min(vector.length, gathered.length - offset);
    gathered.set(memory.bytes.subarray(vector.pointer, vector.pointer + length), offset);
    offset += length;
  }
  return gathered;
}

/** The room that vectors offer, and the means to fill it. */
interface Scatter {
  readonly room: number;
  put(bytes: Uint8Array | undefined): number;
}

/**
 * Reads the vectors that a guest gave for incoming bytes.
 *
 * @throws MemoryFault
 */
export function scatter(memory: GuestMemory, pointer: number, count: number): Scatter {
  const vectors = readVectors(memory, pointer, count);
  const total = vectors.reduce((sum, vector) => sum + vector.length, 0);
  return {
    room: Math.min(total, BYTES_MAX),
    put(bytes) {
      if (!bytes) return 0;
      let offset = 0;
      for (const vector of vectors) {
        if (offset >= bytes.length) break;
        const part = bytes.subarray(offset, offset + vector.length);
        memory.write(vector.pointer, part);
        offset += part.length;
      }
      return offset;
    },
  };
}
