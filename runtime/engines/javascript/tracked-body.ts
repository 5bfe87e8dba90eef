import type { ByteReader } from "../wasm/byte-reader.ts";
import { ByteWriter } from "../wasm/byte-writer.ts";
import type { ModuleInfo } from "../wasm/module-info.ts";
import { GRANULE_SHIFT, MARKS, MARKS_ADDRESS, REACH_BYTES } from "./write-marks.ts";

/** Bytes of the widest store. */
const WIDEST = 8;
/** The value of an operand is not known to be that of a local. */
const UNKNOWN = -1;
/** By opcode, from the first store on: which of the added locals holds the value meanwhile. */
const VALUE_LOCALS = [1, 2, 3, 4, 1, 1, 2, 2, 2];
/** The added locals: an address, and a value of each type. */
const ADDED_LOCALS = [1, 0x7f, 1, 0x7f, 1, 0x7e, 1, 0x7d, 1, 0x7c];

/** How many operands plain instructions take; each gives one. */
const OPERANDS = plainOperands();

function plainOperands(): (number | undefined)[] {
  const table = new Array<number | undefined>(256).fill(undefined);
  const set = (from: number, to: number, operands: number) => table.fill(operands, from, to + 1);
  set(0x1b, 0x1b, 3); // select
  set(0x23, 0x23, 0); // global.get
  set(0x28, 0x35, 1); // loads
  set(0x3f, 0x3f, 0);
  set(0x40, 0x40, 1);
  set(0x41, 0x44, 0);
  set(0x45, 0x45, 1);
  set(0x46, 0x4f, 2);
  set(0x50, 0x50, 1);
  set(0x51, 0x66, 2);
  set(0x67, 0x69, 1);
  set(0x6a, 0x78, 2);
  set(0x79, 0x7b, 1);
  set(0x7c, 0x8a, 2);
  set(0x8b, 0x91, 1);
  set(0x92, 0x98, 2);
  set(0x99, 0x9f, 1);
  set(0xa0, 0xa6, 2);
  set(0xa7, 0xc4, 1);
  return table;
}

/**
 * One function's body, rewritten so that its writes set marks. Operands are followed through
 * straight code, in order to know what is the address in a local: then no copy of it is needed, and
 * writes close behind another one through the same local need no mark of their own.
 */
export class TrackedBody {
  readonly #reader: ByteReader;
  readonly #info: ModuleInfo;
  readonly #firstLocal: number;
  readonly #locals: Uint8Array;
  readonly #localGroups: number;
  readonly #code = new ByteWriter();
  /** What is known of the operands: the local that has the same value. */
  readonly #operands: number[] = [];
  /** Offsets from a local's value that are marked, as long as the local has that value. */
  readonly #marked = new Map<number, number[]>();
  readonly #copy: number;
  #usesAdded = false;
  #copied: number;

  /** `copy` is the index of the function that copies; the one behind it fills. */
  constructor(reader: ByteReader, info: ModuleInfo, index: number) {
    this.#reader = reader;
    this.#info = info;
    this.#copy = info.functions.length;
    this.#localGroups = reader.count();
    const start = reader.offset;
    let locals = info.functions[index]?.params.length ?? 0;
    for (let groups = this.#localGroups; groups > 0; groups--) {
      locals += reader.u32();
      reader.byte();
    }
    this.#firstLocal = locals;
    this.#locals = reader.bytes.subarray(start, reader.offset);
    this.#copied = reader.offset;
  }

  write(): Uint8Array {
    const reader = this.#reader;
    while (!reader.done) this.#instruction(reader.byte());
    this.#copyUntil(reader.offset);
    const body = new ByteWriter();
    body.u32(this.#localGroups + (this.#usesAdded ? 5 : 0)).bytes(this.#locals);
    if (this.#usesAdded) body.byte(...ADDED_LOCALS);
    return body.bytes(this.#code.toBytes()).toBytes();
  }

  #instruction(opcode: number): void {
    if (opcode >= 0x20 && opcode <= 0x22) this.#local(opcode);
    else if (opcode >= 0x36 && opcode <= 0x3e) this.#store(opcode);
    else if (opcode <= 0x0f) this.#control(opcode);
    else if (opcode === 0xfc) this.#bulk();
    else this.#plain(opcode);
  }

  #local(opcode: number): void {
    const local = this.#reader.u32();
    if (opcode !== 0x20) {
      this.#take(1);
      this.#marked.delete(local);
      for (let i = 0; i < this.#operands.length; i++) {
        if (this.#operands[i] === local) this.#operands[i] = UNKNOWN;
      }
    }
    if (opcode !== 0x21) this.#operands.push(local);
  }

  #plain(opcode: number): void {
    const reader = this.#reader;
    if (opcode === 0x10) this.#call(this.#info.functions[reader.u32()]);
    else if (opcode === 0x11) {
      const type = this.#info.types[reader.u32()];
      reader.u32();
      this.#take(1);
      this.#call(type);
    } else if (opcode === 0x24) {
      reader.u32();
      this.#take(1);
    } else if (opcode === 0x1a) this.#take(1);
    else this.#giving(opcode);
  }

  /** Instructions that give one operand. */
  #giving(opcode: number): void {
    const reader = this.#reader;
    const operands = OPERANDS[opcode];
    if (operands === undefined) throw unknown(opcode);
    if (opcode >= 0x28 && opcode <= 0x35) {
      reader.u32();
      reader.u32();
    } else if (opcode === 0x43) reader.skip(4);
    else if (opcode === 0x44) reader.skip(8);
    else if (opcode === 0x23 || (opcode >= 0x3f && opcode <= 0x42)) reader.skipNumber();
    this.#replace(operands);
  }

  #call(type: ModuleInfo["types"][number]): void {
    if (!type) throw new TypeError("a function of QuickJS has no type");
    this.#take(type.params.length);
    for (let results = type.results.length; results > 0; results--) this.#operands.push(UNKNOWN);
  }

  #control(opcode: number): void {
    const reader = this.#reader;
    this.#operands.length = 0;
    if (opcode === 0x0e) for (let labels = reader.count() + 1; labels > 0; labels--) reader.u32();
    else if (opcode >= 0x02 && opcode <= 0x04) reader.skipNumber();
    else if (opcode === 0x0c || opcode === 0x0d) reader.u32();
    else if (opcode > 0x05 && opcode !== 0x0b && opcode !== 0x0f) throw unknown(opcode);
    // Into a block, into an `if` and past a `br_if` leads no other way than through what is before.
    if (opcode !== 0x02 && opcode !== 0x04 && opcode !== 0x0d) this.#marked.clear();
  }

  #bulk(): void {
    const reader = this.#reader;
    const at = reader.offset - 1;
    const opcode = reader.u32();
    if (opcode === 10 || opcode === 11) {
      this.#copyUntil(at);
      reader.skip(opcode === 10 ? 2 : 1);
      this.#code.byte(0x10).u32(this.#copy + opcode - 10);
      this.#copied = reader.offset;
      this.#take(3);
    } else if (opcode <= 7) this.#replace(1);
    else throw unknown(opcode);
  }

  #store(opcode: number): void {
    const reader = this.#reader;
    const at = reader.offset - 1;
    reader.u32();
    const offset = reader.u32();
    const address = this.#operands.at(-2) ?? UNKNOWN;
    this.#take(2);
    if (address !== UNKNOWN) {
      this.#copyUntil(reader.offset);
      this.#mark(address, offset);
      return;
    }
    const added = this.#firstLocal;
    const value = added + (VALUE_LOCALS[opcode - 0x36] ?? 0);
    this.#usesAdded = true;
    this.#copyUntil(at);
    this.#code.byte(0x21).u32(value).byte(0x22).u32(added).byte(0x20).u32(value);
    this.#copied = at;
    this.#copyUntil(reader.offset);
    this.#marked.delete(added);
    this.#mark(added, offset);
  }

  /** Marks what is at an offset from a local's value. */
  #mark(local: number, offset: number): void {
    const marked = this.#marked.get(local) ?? [];
    this.#marked.set(local, marked);
    if (marked.some((one) => offset >= one && offset <= one + REACH_BYTES - WIDEST)) return;
    const near = offset <= REACH_BYTES - WIDEST;
    marked.push(near ? 0 : offset);
    this.#code.byte(0x20).u32(local);
    if (!near) this.#code.byte(0x41, ...signed(offset)).byte(0x6a);
    this.#code.bytes(SET_MARK);
  }

  #take(count: number): void {
    this.#operands.length = Math.max(0, this.#operands.length - count);
  }

  #replace(count: number): void {
    this.#take(count);
    this.#operands.push(UNKNOWN);
  }

  #copyUntil(offset: number): void {
    this.#code.bytes(this.#reader.bytes.subarray(this.#copied, offset));
    this.#copied = offset;
  }
}

/** Sets the mark of the address on the stack. */
const SET_MARK = new ByteWriter()
  .byte(0x41, GRANULE_SHIFT, 0x76) // i32.const, i32.shr_u
  .byte(0x41, ...signed(MARKS - 1), 0x71) // i32.const, i32.and
  .byte(0x41, 1, 0x3a, 0) // i32.const, i32.store8
  .u32(MARKS_ADDRESS)
  .toBytes();

/** `(param to, from or value, length)`: marks what it then copies or fills. */
export function bulkBody(operation: readonly number[]): Uint8Array {
  const body = new ByteWriter().byte(1, 1, 0x7f);
  body.byte(0x20, 0, 0x20, 1, 0x20, 2, 0xfc, ...operation);
  body.byte(0x20, 2, 0x45, 0x04, 0x40, 0x0f, 0x0b); // nothing to mark: return
  body.byte(0x20, 0, 0x20, 2, 0x6a, 0x41, 1, 0x6b, 0x21, 3); // address of the last byte
  body.byte(0x03, 0x40); // loop
  body.byte(0x20, 0).bytes(SET_MARK);
  body.byte(0x20, 0, 0x41, ...signed(1 << GRANULE_SHIFT), 0x6a, 0x22, 0); // one granule on
  body.byte(0x20, 3, 0x4d, 0x0d, 0, 0x0b); // i32.le_u, br_if, end
  body.byte(0x20, 3).bytes(SET_MARK);
  return body.byte(0x0b).toBytes();
}

/** Signed LEB128 of a number that is not negative. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x3f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}

function unknown(opcode: number): TypeError {
  return new TypeError(
    `QuickJS has an instruction 0x${opcode.toString(16)} that is not known here`,
  );
}
