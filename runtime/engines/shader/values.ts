import { MocError } from "../../protocol/errors.ts";
import type { ShaderScalar, ShaderType } from "../../protocol/gpu.ts";
import { runtimeArray } from "../../protocol/shader-types.ts";

/** Values of shader types to bytes and back (little endian, WGSL memory layout). */

const ARRAYS = { f32: Float32Array, i32: Int32Array, u32: Uint32Array } as const;

/** In every Node that runs this, but newer than the types of ES2024. */
interface HalfView {
  getFloat16(at: number, littleEndian: boolean): number;
  setFloat16(at: number, value: number, littleEndian: boolean): void;
}
const half = (view: DataView) => view as DataView & HalfView;

const WRITE: Readonly<Record<ShaderScalar, (view: DataView, at: number, value: number) => void>> = {
  f32: (view, at, value) => view.setFloat32(at, value, true),
  f16: (view, at, value) => half(view).setFloat16(at, value, true),
  i32: (view, at, value) => view.setInt32(at, value, true),
  u32: (view, at, value) => view.setUint32(at, value, true),
};

const READ: Readonly<Record<ShaderScalar, (view: DataView, at: number) => number>> = {
  f32: (view, at) => view.getFloat32(at, true),
  f16: (view, at) => half(view).getFloat16(at, true),
  i32: (view, at) => view.getInt32(at, true),
  u32: (view, at) => view.getUint32(at, true),
};

/**
 * Bytes of a JSON value of a type. Numbers may be nested to any depth as long as there are enough.
 * @param place what the message of an error starts with
 * @throws MOC_BAD_REQUEST
 */
export function pack(type: ShaderType, value: unknown, place: string): Uint8Array {
  if (type.kind === "array" && type.element.kind === "scalar" && type.stride === 4) {
    const numbers = flatNumbers(value, place);
    checkCount(numbers.length, type.count, place);
    const { scalar } = type.element;
    if (scalar !== "f16") return new Uint8Array(new ARRAYS[scalar](numbers).buffer);
  }
  const bytes = new Uint8Array(packedSize(type, value, place));
  write(new DataView(bytes.buffer), 0, type, value, place);
  return bytes;
}

function packedSize(type: ShaderType, value: unknown, place: string): number {
  const tail = runtimeArray(type);
  if (!tail) return type.size;
  const items = type.kind === "struct" ? memberOf(value, type.members.at(-1)?.name ?? "") : value;
  return tail.offset + tail.stride * itemsOf(tail.element, items, place).length;
}

function write(view: DataView, at: number, type: ShaderType, value: unknown, place: string): void {
  switch (type.kind) {
    case "scalar":
      WRITE[type.scalar](view, at, toNumber(value, place));
      return;
    case "vector": {
      const numbers = flatNumbers(value, place);
      checkCount(numbers.length, type.length, place);
      const step = type.scalar === "f16" ? 2 : 4;
      for (const [index, one] of numbers.entries())
        WRITE[type.scalar](view, at + index * step, one);
      return;
    }
    case "matrix": {
      const numbers = flatNumbers(value, place);
      checkCount(numbers.length, type.columns * type.rows, place);
      const step = type.scalar === "f16" ? 2 : 4;
      for (const [index, one] of numbers.entries()) {
        const column = Math.floor(index / type.rows);
        WRITE[type.scalar](view, at + column * type.stride + (index % type.rows) * step, one);
      }
      return;
    }
    case "array": {
      const items = itemsOf(type.element, value, place);
      checkCount(items.length, type.count, place);
      for (const [index, item] of items.entries()) {
        write(view, at + index * type.stride, type.element, item, `${place}[${index}]`);
      }
      return;
    }
    case "struct":
      for (const member of type.members) {
        const inner = memberOf(value, member.name);
        write(view, at + member.offset, member.type, inner, `${place}.${member.name}`);
      }
  }
}

/** Items of an array; numbers in a row are grouped where the elements are vectors or matrices. */
function itemsOf(element: ShaderType, value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(place, "a list");
  const group = numbersOf(element);
  if (group === undefined || group === 1 || typeof value[0] !== "number") return value;
  if (value.length % group !== 0) throw wrong(place, `a list whose length divides by ${group}`);
  return Array.from({ length: value.length / group }, (_, index) =>
    value.slice(index * group, (index + 1) * group),
  );
}

function numbersOf(type: ShaderType): number | undefined {
  if (type.kind === "scalar") return 1;
  if (type.kind === "vector") return type.length;
  if (type.kind === "matrix") return type.columns * type.rows;
  return undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function flatNumbers(value: unknown, place: string): number[] {
  const list: unknown[] = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value];
  return list.map((one) => toNumber(one, place));
}

/** Also from the text of a query parameter. */
function toNumber(value: unknown, place: string): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "string" && value.trim() !== "") {
    const number = Number(value);
    if (!Number.isNaN(number)) return number;
  }
  throw wrong(place, "a number");
}

function checkCount(given: number, wanted: number | undefined, place: string): void {
  if (wanted !== undefined && given !== wanted)
    throw wrong(place, `${wanted} numbers, not ${given}`);
}

function wrong(place: string, wanted: string): MocError {
  return new MocError("MOC_BAD_REQUEST", `${place} must be ${wanted}`);
}

/** The JSON value that bytes of a type stand for. */
export function unpack(type: ShaderType, bytes: Uint8Array): unknown {
  if (type.kind === "array" && type.element.kind === "scalar" && type.element.scalar !== "f16") {
    const numbers = ARRAYS[type.element.scalar];
    const count = Math.min(type.count ?? Number.POSITIVE_INFINITY, Math.floor(bytes.length / 4));
    if (type.stride === 4) return Array.from(new numbers(bytes.slice(0, count * 4).buffer));
  }
  return read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, type);
}

function read(view: DataView, at: number, type: ShaderType): unknown {
  switch (type.kind) {
    case "scalar":
      return READ[type.scalar](view, at);
    case "vector": {
      const step = type.scalar === "f16" ? 2 : 4;
      return Array.from({ length: type.length }, (_, index) =>
        READ[type.scalar](view, at + index * step),
      );
    }
    case "matrix": {
      const step = type.scalar === "f16" ? 2 : 4;
      return Array.from({ length: type.columns }, (_, column) =>
        Array.from({ length: type.rows }, (_, row) =>
          READ[type.scalar](view, at + column * type.stride + row * step),
        ),
      );
    }
    case "array": {
      const count = type.count ?? Math.floor((view.byteLength - at) / type.stride);
      return Array.from({ length: count }, (_, index) =>
        read(view, at + index * type.stride, type.element),
      );
    }
    case "struct":
      return Object.fromEntries(
        type.members.map((member) => [member.name, read(view, at + member.offset, member.type)]),
      );
  }
}
