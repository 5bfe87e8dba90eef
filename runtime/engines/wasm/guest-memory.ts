/** A guest gave an address that is not within its memory. */
export class MemoryFault extends Error {
  constructor(pointer: number, length: number, size: number) {
    super(
      `${length} bytes at address ${pointer} are not within the guest's memory of ${size} bytes`,
    );
    this.name = "MemoryFault";
  }
}

const NOTHING = new Uint8Array(0);
const NOTHING_VIEW = new DataView(NOTHING.buffer);
const utf8 = new TextDecoder();
const encoder = new TextEncoder();

/**
 * The linear memory of a guest. Every pointer and length is checked; both may come as the signed
 * numbers that wasm hands out. Views are made anew after the memory grew.
 */
export class GuestMemory {
  readonly #memory: WebAssembly.Memory | undefined;
  #bytes = NOTHING;
  #view = NOTHING_VIEW;

  constructor(memory: WebAssembly.Memory | undefined) {
    this.#memory = memory;
  }

  /** The whole memory, as long as nothing makes it grow. */
  get bytes(): Uint8Array<ArrayBuffer> {
    const buffer = this.#memory?.buffer;
    if (buffer && this.#bytes.buffer !== buffer) {
      // Shared memories are refused when a module is loaded.
      this.#bytes = new Uint8Array(buffer as ArrayBuffer);
      this.#view = new DataView(buffer);
    }
    return this.#bytes;
  }

  get view(): DataView {
    void this.bytes;
    return this.#view;
  }

  /** @throws MemoryFault */
  check(pointer: number, length: number): number {
    const from = pointer >>> 0;
    const count = length >>> 0;
    const size = this.bytes.length;
    if (from + count > size) throw new MemoryFault(from, count, size);
    return from;
  }

  /** The bytes themselves, not a copy: gone when the memory grows. */
  slice(pointer: number, length: number): Uint8Array<ArrayBuffer> {
    const from = this.check(pointer, length);
    return this.bytes.subarray(from, from + (length >>> 0));
  }

  text(pointer: number, length: number): string {
    return utf8.decode(this.slice(pointer, length));
  }

  write(pointer: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, this.check(pointer, bytes.length));
  }

  /** Writes text as UTF-8 and a zero; answers the bytes written. */
  writeCString(pointer: number, text: Uint8Array): number {
    const at = this.check(pointer, text.length + 1);
    this.bytes.set(text, at);
    this.bytes[at + text.length] = 0;
    return text.length + 1;
  }

  u8(pointer: number): number {
    return this.view.getUint8(this.check(pointer, 1));
  }

  u16(pointer: number): number {
    return this.view.getUint16(this.check(pointer, 2), true);
  }

  u32(pointer: number): number {
    return this.view.getUint32(this.check(pointer, 4), true);
  }

  u64(pointer: number): bigint {
    return this.view.getBigUint64(this.check(pointer, 8), true);
  }

  setU8(pointer: number, value: number): void {
    this.view.setUint8(this.check(pointer, 1), value);
  }

  setU16(pointer: number, value: number): void {
    this.view.setUint16(this.check(pointer, 2), value, true);
  }

  setU32(pointer: number, value: number): void {
    this.view.setUint32(this.check(pointer, 4), value, true);
  }

  setU64(pointer: number, value: bigint): void {
    this.view.setBigUint64(this.check(pointer, 8), value, true);
  }
}

/** Of a module without any. */
export const NO_MEMORY = new GuestMemory(undefined);

/** Text as UTF-8. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}
