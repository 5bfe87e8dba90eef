/** What follows from the layout of shader types. */
import type { ShaderEntry, ShaderScalar, ShaderType } from "./gpu.ts";

/** The workgroup's size with these values of overrides. */
export function workgroupSizeWith(
  { workgroupSize, sizeKeys }: ShaderEntry,
  constants: Readonly<Record<string, number>> = {},
): readonly [number, number, number] {
  const [x, y, z] = workgroupSize.map((size, index) => constants[sizeKeys[index] ?? ""] ?? size);
  return [x ?? 1, y ?? 1, z ?? 1];
}

/** Bytes that a value needs at least: arrays without a length hold one element. */
export function leastBytes(type: ShaderType): number {
  if (type.kind === "array" && type.count === undefined) return type.stride;
  if (type.kind !== "struct") return type.size;
  const last = type.members.at(-1);
  return Math.max(type.size, last ? last.offset + leastBytes(last.type) : 0);
}

/** The array without a length that a buffer's type is or ends with, and where it starts. */
export function runtimeArray(
  type: ShaderType,
): { readonly offset: number; readonly stride: number; readonly element: ShaderType } | undefined {
  if (type.kind === "array" && type.count === undefined) {
    return { offset: 0, stride: type.stride, element: type.element };
  }
  if (type.kind !== "struct") return undefined;
  const last = type.members.at(-1);
  const inner = last && runtimeArray(last.type);
  return inner && last && { ...inner, offset: inner.offset + last.offset };
}

/** The one scalar type that a value is made of; undefined where they differ. */
export function elementScalar(type: ShaderType): ShaderScalar | undefined {
  if (type.kind === "array") return elementScalar(type.element);
  if (type.kind !== "struct") return type.scalar;
  const [first, ...others] = type.members.map((member) => elementScalar(member.type));
  return others.every((one) => one === first) ? first : undefined;
}
