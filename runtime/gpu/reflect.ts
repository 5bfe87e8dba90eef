import {
  type ArrayInfo,
  type FunctionInfo,
  type MemberInfo,
  type OverrideInfo,
  ResourceType,
  type StructInfo,
  type TemplateInfo,
  type TypeInfo,
  type VariableInfo,
  WgslReflect,
} from "wgsl_reflect/wgsl_reflect.module.js";
import type { MocError } from "../protocol/errors.ts";
import type {
  ShaderBinding,
  ShaderEntry,
  ShaderMember,
  ShaderOverride,
  ShaderScalar,
  ShaderShape,
  ShaderSource,
  ShaderType,
} from "../protocol/gpu.ts";
import { invalid, problemAt } from "./shader-problem.ts";
import { findBinding, hasWord } from "./source-search.ts";

const SCALARS: Readonly<Record<string, ShaderScalar>> = {
  f32: "f32",
  f16: "f16",
  i32: "i32",
  u32: "u32",
  f: "f32",
  h: "f16",
  i: "i32",
  u: "u32",
};

/**
 * Entry points and bindings of a WGSL text that compiles.
 * @param source the user's text: for GLSL, where the WGSL came from
 * @throws MOC_SHADER_INVALID without a compute entry point, or with a type that cannot be shown
 */
export function reflectShader(wgsl: string, source: ShaderSource): Omit<ShaderShape, "warnings"> {
  const reflected = read(wgsl, source);
  const variables = reflected.getBindGroups().flatMap((group) => group.filter(Boolean));
  const entries = reflected.entry.compute.map((entry) => entryShape(entry, source, wgsl));
  if (entries.length === 0) {
    const message = "no compute entry point; write a function with @compute @workgroup_size(…)";
    throw invalid(source, problemAt(undefined, message));
  }
  const bindings = variables.map((variable) => {
    try {
      return bindingShape(variable, source);
    } catch (error) {
      throw unusable(userName(variable, source), source, error);
    }
  });
  return { entries, bindings };
}

/** The compiler accepted the text, so this should; it is a library of its own and may lag behind. */
function read(wgsl: string, source: ShaderSource): WgslReflect {
  try {
    return new WgslReflect(wgsl);
  } catch (error) {
    const message = `it compiles, but its bindings cannot be read: ${String(error)}`;
    throw invalid(source, problemAt(undefined, message), error);
  }
}

function entryShape(entry: FunctionInfo, source: ShaderSource, wgsl: string): ShaderEntry {
  const [x = 1, y = 1, z = 1] = (entry.workgroupSize ?? []).map((one) => Number(one) || 1);
  const bindings = entry.resources.map((one) => userName(one, source));
  const overrides = entry.overrides.map((one) => overrideShape(one, wgsl));
  const sizes = new RegExp(`@workgroup_size\\s*\\(([^)]*)\\)[^@{]*\\bfn\\s+${entry.name}\\b`).exec(
    wgsl,
  );
  const sizeKeys = (sizes?.[1] ?? "")
    .split(",")
    .map((size) => overrides.find((one) => one.name === size.trim())?.key);
  return { name: entry.name, workgroupSize: [x, y, z], overrides, sizeKeys, bindings };
}

function overrideShape({ name, id, attributes }: OverrideInfo, wgsl: string): ShaderOverride {
  const hasID = attributes?.some((one) => one.name === "id") ?? false;
  const required = new RegExp(`\\boverride\\s+${name}\\s*(?::[^;=]*)?;`).test(wgsl);
  return { name, key: hasID ? String(id) : name, required };
}

function bindingShape(variable: VariableInfo, source: ShaderSource): ShaderBinding {
  const place = {
    name: userName(variable, source),
    group: variable.group,
    binding: variable.binding,
  };
  switch (variable.resourceType) {
    case ResourceType.Uniform:
      return { ...place, kind: "uniform", access: "read", type: typeShape(variable.type) };
    case ResourceType.Storage: {
      const access = variable.access === "read_write" ? "read_write" : "read";
      return { ...place, kind: "storage", access, type: typeShape(variable.type) };
    }
    case ResourceType.StorageTexture: {
      const texture = variable.type as TemplateInfo;
      const format = texture.format?.name ?? "";
      return { ...place, kind: "storage-texture", access: textureAccess(texture.access), format };
    }
    case ResourceType.Texture:
      return { ...place, kind: "texture" };
    case ResourceType.Sampler:
      return { ...place, kind: "sampler" };
    default:
      throw new TypeError("it is of a kind that functions cannot use");
  }
}

function unusable(name: string, source: ShaderSource, cause: unknown): MocError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const place = findBinding(source.text, name);
  return invalid(source, problemAt(place, `binding '${name}' cannot be used: ${reason}`), cause);
}

function textureAccess(access: string): "read" | "write" | "read_write" {
  return access === "read" || access === "read_write" ? access : "write";
}

/** The name as the user wrote it: the translation appends marks and invents names of its own. */
function userName(variable: VariableInfo, source: ShaderSource): string {
  const { name } = variable;
  if (source.language === "wgsl" || hasWord(source.text, name)) return name;
  const unmarked = name.replace(/_\d*$/, "");
  if (hasWord(source.text, unmarked)) return unmarked;
  const block = variable.type.name.replace(/_\d*$/, "");
  return hasWord(source.text, block) ? block : name;
}

function typeShape(type: TypeInfo): ShaderType {
  if (type.isStruct) return structShape(type as StructInfo);
  if (type.isArray) return arrayShape(type as ArrayInfo);
  const scalar = SCALARS[type.name];
  if (scalar && type.name.length > 1) return { kind: "scalar", scalar, size: type.size };
  if (type.name === "atomic") return typeShape((type as TemplateInfo).format ?? type);
  const [, vector, columns, rows, suffix] =
    /^(?:vec(\d)|mat(\d)x(\d))([fhiu]?)$/.exec(type.name) ?? [];
  const inner = SCALARS[suffix || ((type as TemplateInfo).format?.name ?? "")];
  if (vector && inner) {
    return { kind: "vector", scalar: inner, length: Number(vector), size: type.size };
  }
  if (columns && inner) {
    const shape = { columns: Number(columns), rows: Number(rows), size: type.size };
    return { kind: "matrix", scalar: inner, ...shape, stride: type.size / shape.columns };
  }
  throw new TypeError(`values of type '${type.name}' cannot be exchanged`);
}

function arrayShape(type: ArrayInfo): ShaderType {
  const element = typeShape(type.format);
  const count = type.count > 0 ? { count: type.count } : {};
  return { kind: "array", element, stride: type.stride, size: type.count * type.stride, ...count };
}

function structShape(type: StructInfo): ShaderType {
  const member = (one: MemberInfo): ShaderMember => ({
    name: one.name,
    offset: one.offset,
    type: typeShape(one.type),
  });
  return { kind: "struct", members: type.members.map(member), size: type.size };
}
