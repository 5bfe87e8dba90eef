import { MocError } from "../../protocol/errors.ts";
import type {
  BufferBinding,
  ShaderBinding,
  ShaderShape,
  ShaderSource,
} from "../../protocol/gpu.ts";
import { runtimeArray } from "../../protocol/shader-types.ts";
import type { ShaderDeclaration } from "./declaration.ts";

/** What a function's shader is, known before any request. */
export interface PlannedShader {
  readonly source: ShaderSource;
  readonly shape: ShaderShape;
  readonly declaration: ShaderDeclaration;
}

/** The one binding that the body fills: declared, else the first that looks like an input. */
export function bodyBinding(
  bindings: readonly ShaderBinding[],
  declaration: ShaderDeclaration,
): ShaderBinding | undefined {
  const from = (one: ShaderBinding) => declaration.bindings?.[one.name]?.from;
  const declared = bindings.find((one) => from(one) === "body");
  if (declared) return declared;
  const free = bindings.filter((one) => from(one) === undefined);
  const arrays = free.filter((one) => one.kind === "storage" && runtimeArray(one.type));
  return (
    free.find((one) => one.kind === "texture") ??
    arrays.find((one) => one.kind === "storage" && one.access === "read") ??
    // Without anything to read, the array is changed in place.
    (arrays.length === 1 ? arrays[0] : undefined)
  );
}

/** Uniforms, and buffers of the same kind that are only read: their members are parameters. */
export function isParameters(binding: BufferBinding): boolean {
  if (binding.kind === "uniform") return true;
  return binding.access === "read" && binding.type.kind === "struct" && !runtimeArray(binding.type);
}

/** How many elements a buffer of this size has. */
export function elements(binding: BufferBinding, bytes: number): number {
  const array = runtimeArray(binding.type);
  if (array) return Math.floor((bytes - array.offset) / array.stride);
  return binding.type.kind === "array" ? (binding.type.count ?? 1) : 1;
}

export function isWritten(binding: ShaderBinding): boolean {
  return "access" in binding && binding.access !== "read";
}

/**
 * The bindings that are read back.
 * @throws MOC_SHADER_BINDING when there are none
 */
export function chooseOutputs(
  declaration: ShaderDeclaration,
  bindings: readonly ShaderBinding[],
): readonly ShaderBinding[] {
  const { binding } = declaration.result ?? {};
  if (binding !== undefined) {
    return [binding].flat().map((name) => {
      const found = bindings.find((one) => one.name === name);
      if (found && found.kind !== "sampler") return found;
      throw new MocError(
        "MOC_SHADER_BINDING",
        `the result is declared as '${name}', which no entry point that runs uses`,
      );
    });
  }
  const written = bindings.filter(isWritten);
  const textures = written.filter((one) => one.kind === "storage-texture");
  const outputs = textures.length === 1 ? textures : written;
  if (outputs.length > 0) return outputs;
  throw new MocError(
    "MOC_SHADER_BINDING",
    "the shader writes no buffer and no texture: there is no result",
  );
}
