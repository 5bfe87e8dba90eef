import type { MocError } from "../../protocol/errors.ts";
import type { ValueReader } from "./call-arguments.ts";
import { type Pointer, type QuickJSExports, TAG } from "./quickjs-abi.ts";

/** Tags lie between these; the high half of a double never does. */
const LEAST_TAG = -16;
const MOST_TAG = 16;

/** Reads QuickJS's values out of a machine's memory: a box is the address of one (`JSValue*`). */
export abstract class BoxReader implements ValueReader {
  abstract readonly quickjs: QuickJSExports;
  abstract readonly context: Pointer;
  abstract get words(): DataView;
  abstract get bytes(): Buffer;
  /** The bytes from `start` to `end`, to be kept. */
  abstract copy(start: Pointer, end: Pointer): Uint8Array<ArrayBuffer>;
  abstract get fault(): MocError | undefined;

  tag(box: Pointer): number {
    return this.words.getInt32(box + 4, true);
  }

  isException(box: Pointer): boolean {
    return this.tag(box) === TAG.EXCEPTION;
  }

  isNumber(box: Pointer): boolean {
    const tag = this.tag(box);
    return tag === TAG.INT || tag < LEAST_TAG || tag > MOST_TAG;
  }

  /** A value as an integer; what is not a number is 0. */
  integer(box: Pointer): number {
    const tag = this.tag(box);
    if (tag === TAG.INT || tag === TAG.BOOL) return this.words.getInt32(box, true);
    if (!this.isNumber(box)) return 0;
    return Math.trunc(this.quickjs.getFloat64(this.context, box)) || 0;
  }

  number(box: Pointer): number {
    if (this.tag(box) === TAG.INT) return this.words.getInt32(box, true);
    return this.quickjs.getFloat64(this.context, box);
  }

  /** UTF-8 of a value's string form. */
  utf8(box: Pointer): Uint8Array<ArrayBuffer> {
    return this.#string(box, (start, end) => this.copy(start, end));
  }

  text(box: Pointer): string {
    return this.#string(box, (start, end) => this.bytes.toString("utf8", start, end));
  }

  #string<T>(box: Pointer, copy: (start: Pointer, end: Pointer) => T): T {
    const start = this.quickjs.getString(this.context, box);
    if (start === 0) throw new TypeError("the value cannot be converted to a string");
    // Below the characters lies QuickJS's string header, with the length 12 bytes before them.
    const length = this.words.getUint32(start - 12, true) & 0x7fffffff;
    const copied = copy(start, start + length);
    this.quickjs.freeCString(this.context, start);
    return copied;
  }

  /** Copies the content of an ArrayBuffer value. */
  arrayBuffer(box: Pointer): Uint8Array<ArrayBuffer> {
    const length = this.quickjs.getArrayBufferLength(this.context, box);
    if (length === 0) return new Uint8Array(0);
    const copy = this.quickjs.getArrayBuffer(this.context, box);
    if (copy === 0) throw this.fault ?? new TypeError("expected an ArrayBuffer");
    const bytes = this.copy(copy, copy + length);
    this.quickjs.free(copy);
    return bytes;
  }
}
