import { PUT_BACK_WASM } from "./put-back-module.ts";
import { GRANULE_SHIFT, MARKS, MARKS_ADDRESS, REACH_BYTES } from "./write-marks.ts";

/**
 * Puts what is marked back into a machine's memory, and clears the marks (put-back.wat). Addresses:
 * static data ends at `statics`; the image has the heap from `heap` to `end`, and nothing but zeros
 * from there to `top`.
 */
export type PutBack = (statics: number, heap: number, end: number, top: number) => void;

const MARKED = {
  address: MARKS_ADDRESS,
  count: MARKS,
  shift: GRANULE_SHIFT,
  reach: REACH_BYTES,
};

let compiled: WebAssembly.Module | undefined;

/** For one machine's memory, from an image that has everything at the same addresses. */
export function makePutBack(machine: WebAssembly.Memory, image: WebAssembly.Memory): PutBack {
  compiled ??= new WebAssembly.Module(Buffer.from(PUT_BACK_WASM, "base64"));
  const imports = { memory: { machine, image }, marks: MARKED };
  return new WebAssembly.Instance(compiled, imports).exports.putBack as PutBack;
}
