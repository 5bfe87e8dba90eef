import { floatsOf, toBytes } from "../../guest-api/gpu/picture.ts";
import { encodePng } from "../../guest-api/gpu/png-encoder.ts";
import { MocError } from "../../protocol/errors.ts";
import type { GpuResultShape, ShaderBinding } from "../../protocol/gpu.ts";
import type { ResultDeclaration, ResultForm } from "./declaration.ts";
import type { Scope } from "./scope.ts";
import { unpack } from "./values.ts";

const TYPES: Readonly<Record<ResultForm, string>> = {
  raw: "application/octet-stream",
  json: "application/json",
  png: "image/png",
};

/** An output of a job with all that is known of it. */
export interface Output {
  readonly binding: ShaderBinding;
  readonly shape: GpuResultShape;
  readonly bytes: Uint8Array;
}

export interface EncodedResult {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** The outputs in the form that the caller asks for, else as declared, else what suits them. */
export function encodeResult(
  outputs: readonly Output[],
  declared: ResultDeclaration,
  scope: Scope,
  accept: string,
): EncodedResult {
  const form = negotiate(accept, offers(outputs, declared));
  const contentType = TYPES[form];
  if (form === "json") return { contentType, bytes: jsonOf(outputs) };
  const [output, ...others] = outputs;
  if (!output || others.length > 0) {
    throw new MocError(
      "MOC_MANIFEST",
      `the shader writes ${outputs.map((one) => `'${one.binding.name}'`).join(", ")}: declare which one is the result (result.binding), or ask for JSON`,
    );
  }
  if (form === "raw") return { contentType, bytes: output.bytes };
  return { contentType, bytes: pictureOf(output, declared, scope) };
}

/** Forms that the outputs can take, the preferred one first. */
function offers(outputs: readonly Output[], declared: ResultDeclaration): ResultForm[] {
  const [output, ...others] = outputs;
  if (!output || others.length > 0) return declared.as ? [declared.as, "json"] : ["json"];
  const picture = output.shape.kind === "texture" || declared.width !== undefined;
  const suits: ResultForm[] =
    output.shape.kind === "texture" ? ["png", "raw", "json"] : ["raw", "json"];
  if (picture && !suits.includes("png")) suits.push("png");
  return declared.as ? [declared.as, ...suits.filter((one) => one !== declared.as)] : suits;
}

/** RFC 9110 section 12.5.1; when nothing is acceptable, the first offer is sent all the same. */
export function negotiate(accept: string, forms: readonly ResultForm[]): ResultForm {
  const ranges = accept.split(",").map((range) => {
    const [type = "", ...parameters] = range.split(";").map((one) => one.trim().toLowerCase());
    const quality = parameters.find((one) => one.startsWith("q="))?.slice("q=".length);
    return { type, quality: quality === undefined ? 1 : Number(quality) || 0 };
  });
  const qualityOf = (form: ResultForm): number => {
    const exact = TYPES[form];
    const group = `${exact.split("/")[0]}/*`;
    for (const type of [exact, group, "*/*"]) {
      const range = ranges.find((one) => one.type === type);
      if (range) return range.quality;
    }
    return 0;
  };
  const [first = "raw", ...others] = forms;
  return others.reduce((best, form) => (qualityOf(form) > qualityOf(best) ? form : best), first);
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

function pictureOf(output: Output, declared: ResultDeclaration, scope: Scope): Uint8Array {
  const { shape, bytes, binding } = output;
  const { width, height } =
    shape.width !== undefined && shape.height !== undefined
      ? { width: shape.width, height: shape.height }
      : declaredSize(binding, declared, scope);
  const samples = width * height;
  if (shape.kind === "texture" && shape.format === "rgba8unorm")
    return colours(bytes, width, height);
  // Buffers: u32 is a packed colour, floats are one or four to a pixel.
  if (shape.kind === "buffer" && shape.format === "u32" && bytes.length >= samples * 4) {
    return colours(bytes.subarray(0, samples * 4), width, height);
  }
  const floats = floatsOf(bytes);
  if (floats.length >= samples * 4) {
    return colours(toBytes(floats.subarray(0, samples * 4)), width, height);
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

/** Opaque pictures do without the fourth channel. */
function colours(rgba: Uint8Array, width: number, height: number): Uint8Array {
  for (let at = 3; at < rgba.length; at += 4) {
    if (rgba[at] !== 255) return encodePng(rgba, width, height, 4);
  }
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from] ?? 0;
    rgb[to + 1] = rgba[from + 1] ?? 0;
    rgb[to + 2] = rgba[from + 2] ?? 0;
  }
  return encodePng(rgb, width, height, 3);
}
