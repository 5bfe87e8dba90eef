import { type Pointer, TAG } from "./quickjs-abi.ts";

const VALUE_BYTES = 8;

/** Reads values where they lie in a machine's memory. */
export interface ValueReader {
  tag(box: Pointer): number;
  integer(box: Pointer): number;
  number(box: Pointer): number;
  text(box: Pointer): string;
  utf8(box: Pointer): Uint8Array<ArrayBuffer>;
  arrayBuffer(box: Pointer): Uint8Array<ArrayBuffer>;
}

/**
 * Arguments of a call from the guest, read where they lie in its memory. Valid during the call
 * only; the first one, the operation, is not counted.
 */
export class CallArguments {
  readonly #machine: ValueReader;
  #values: Pointer = 0;
  #count = 0;
  #taken = 0;

  constructor(machine: ValueReader) {
    this.#machine = machine;
  }

  of(values: Pointer, count: number): this {
    this.#values = values + VALUE_BYTES;
    this.#count = count - 1;
    this.#taken = 0;
    return this;
  }

  get count(): number {
    return this.#count;
  }

  /** Characters and bytes that were copied so far. */
  get taken(): number {
    return this.#taken;
  }

  integer(index: number): number {
    return index < this.#count ? this.#machine.integer(this.#at(index)) : 0;
  }

  number(index: number): number {
    return index < this.#count ? this.#machine.number(this.#at(index)) : Number.NaN;
  }

  isUndefined(index: number): boolean {
    if (index >= this.#count) return true;
    const tag = this.#machine.tag(this.#at(index));
    return tag === TAG.UNDEFINED || tag === TAG.NULL;
  }

  isText(index: number): boolean {
    if (index >= this.#count) return false;
    const tag = this.#machine.tag(this.#at(index));
    return tag === TAG.STRING || tag === TAG.STRING_ROPE;
  }

  /** The string form of an argument. */
  text(index: number): string {
    if (index >= this.#count) return "";
    const text = this.#machine.text(this.#at(index));
    this.#taken += text.length;
    return text;
  }

  /** Bytes of an ArrayBuffer, or the UTF-8 of anything else. A copy. */
  bytes(index: number): Uint8Array<ArrayBuffer> {
    if (index >= this.#count) return new Uint8Array(0);
    const box = this.#at(index);
    const isBuffer = this.#machine.tag(box) === TAG.OBJECT;
    const bytes = isBuffer ? this.#machine.arrayBuffer(box) : this.#machine.utf8(box);
    this.#taken += bytes.length;
    return bytes;
  }

  #at(index: number): Pointer {
    return this.#values + VALUE_BYTES * index;
  }
}
