import { MocError } from "../../protocol/errors.ts";
import type { BufferBinding, ShaderMember } from "../../protocol/gpu.ts";
import type { Scope } from "./scope.ts";
import { pack } from "./values.ts";

/** Members that only fill a gap of the layout need no value. */
const PADDING = /^_|^pad(?:ding)?\d*$/i;

/**
 * Bytes of a uniform, or of a buffer used like one: each member is a parameter of the call.
 * @throws MOC_BAD_REQUEST naming the parameter that is missing or of another form
 */
export function parameterBytes(binding: BufferBinding, scope: Scope): Uint8Array {
  const { type, name } = binding;
  if (type.kind !== "struct") return pack(type, parameterValue(name, scope), `'${name}'`);
  const bytes = new Uint8Array(type.size);
  for (const member of type.members) {
    bytes.set(memberBytes(member, scope), member.offset);
  }
  return bytes;
}

function memberBytes(member: ShaderMember, scope: Scope): Uint8Array {
  const { name, type } = member;
  if (PADDING.test(name) && scope.parameter(name) === undefined) return new Uint8Array(type.size);
  return pack(type, parameterValue(name, scope), `'${name}'`);
}

function parameterValue(name: string, scope: Scope): unknown {
  const value = scope.parameter(name);
  if (value !== undefined) return value;
  throw new MocError(
    "MOC_BAD_REQUEST",
    `the shader's parameter '${name}' is missing: give it in the query or in a JSON body, or declare a default`,
  );
}
