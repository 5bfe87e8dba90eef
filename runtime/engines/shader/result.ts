import { floatsOf, toBytes } from "../../guest-api/gpu/picture.ts";
import { encodeColours, encodePng } from "../../guest-api/gpu/png-encoder.ts";
import { MocError } from "../../protocol/errors.ts";
import type { GpuResultShape, ShaderBinding } from "../../protocol/gpu.ts";
import type { ResultDeclaration, ResultForm } from "./declaration.ts";
import { FORM_TYPES } from "./form.ts";
import type { Scope } from "./scope.ts";
import { unpack } from "./values.ts";

/** An output of a job with all that is known of it. */
export interface Output {
  readonly binding: ShaderBinding;
  readonly shape: GpuResultShape;
  readonly bytes: Uint8Array;
}

interface EncodedResult {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** The outputs in a form that suits them. */
export async function encodeResult(
  outputs: readonly Output[],
  form: ResultForm,
  declared: ResultDeclaration,
  scope: Scope,
): Promise<EncodedResult> {
  const contentType = FORM_TYPES[form];
  if (form === "json") return { contentType, bytes: jsonOf(outputs) };
  const [output, ...others] = outputs;
  if (!output || others.length > 0) {
    throw new MocError(
      "MOC_MANIFEST",
      `the shader writes ${outputs.map((one) => `'${one.binding.name}'`).join(", ")}: declare which one is the result (result.binding), or ask for JSON`,
    );
  }
  if (form === "raw") return { contentType, bytes: output.bytes };
  return { contentType, bytes: await pictureOf(output, declared, scope) };
}

function jsonOf(outputs: readonly Output[]): Uint8Array {
  const values = outputs.map((output) => [output.binding.name, jsonValue(output)] as const);
  const [only] = values;
  const value = values.length === 1 && only ? only[1] : Object.fromEntries(values);
  return new TextEncoder().encode(JSON.stringify(value));
}

function jsonValue({ binding, shape, bytes }: Output): unknown {
  if ("type" in binding) return unpack(binding.type, bytes);
  const { width, height, format } = shape;
  const values = format === "rgba8unorm" ? bytes : floatsOf(bytes);
  return { width, height, channels: format === "r32float" ? 1 : 4, values: Array.from(values) };
}

async function pictureOf(
  output: Output,
  declared: ResultDeclaration,
  scope: Scope,
): Promise<Uint8Array> {
  const { shape, bytes, binding } = output;
  const { width, height } =
    shape.width !== undefined && shape.height !== undefined
      ? { width: shape.width, height: shape.height }
      : declaredSize(binding, declared, scope);
  const samples = width * height;
  if (shape.kind === "texture" && shape.format === "rgba8unorm")
    return encodeColours(bytes, width, height);
  // Buffers: u32 is a packed colour, floats are one or four to a pixel.
  if (shape.kind === "buffer" && shape.format === "u32" && bytes.length >= samples * 4) {
    return encodeColours(bytes.subarray(0, samples * 4), width, height);
  }
  const floats = floatsOf(bytes);
  if (floats.length >= samples * 4) {
    return encodeColours(toBytes(floats.subarray(0, samples * 4)), width, height);
  }
  if (floats.length >= samples) {
    return encodePng(toBytes(floats.subarray(0, samples)), width, height, 1);
  }
  throw new MocError(
    "MOC_SHADER_BINDING",
    `'${binding.name}' has ${floats.length} numbers: too few for a picture of ${width} x ${height}`,
  );
}

function declaredSize(
  binding: ShaderBinding,
  { width, height }: ResultDeclaration,
  scope: Scope,
): { readonly width: number; readonly height: number } {
  if (width !== undefined && height !== undefined) {
    return { width: scope.evaluate(width), height: scope.evaluate(height) };
  }
  throw new MocError(
    "MOC_MANIFEST",
    `declare result.width and result.height to make a picture of '${binding.name}'`,
  );
}
