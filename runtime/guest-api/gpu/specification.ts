import { MocError } from "../../protocol/errors.ts";

const TARGETS = ["STORAGE", "TEXTURE_2D_RGBA_FLOAT", "TEXTURE_2D_R_FLOAT"] as const;
type BindingTarget = (typeof TARGETS)[number];

/** A binding of `compute_shader`; its place in the list is its number in the shader. */
export interface BindingSpecification {
  readonly target: BindingTarget;
  readonly exchange_buffer_id: number;
  readonly is_in: boolean;
  readonly is_out: boolean;
  readonly width: number;
  readonly height: number;
}

/** One dispatch; `bindings` says which of the specification's stand at 0, 1, … of the shader. */
interface PassSpecification {
  readonly shader_name: string;
  readonly entry: string | undefined;
  readonly dispatch_size: readonly [number, number, number];
  readonly bindings: readonly number[];
}

/** The JSON argument of `compute_shader`, in the original's words; `passes` is an addition. */
export interface ComputeSpecification {
  readonly bindings: readonly BindingSpecification[];
  readonly passes: readonly PassSpecification[];
}

type Json = Readonly<Record<string, unknown>>;

const wrong = (place: string, wanted: string) =>
  new MocError("MOC_BAD_REQUEST", `compute_shader: ${place} must be ${wanted}`);

/** @throws MOC_BAD_REQUEST naming the field */
export function readSpecification(text: string): ComputeSpecification {
  const json = objectOf(parse(text), "the specification");
  const bindings = listOf(json.bindings ?? [], "bindings").map(readBinding);
  const all = bindings.map((_, index) => index);
  const passes =
    json.passes === undefined
      ? [readPass(json, "", {}, all)]
      : listOf(json.passes, "passes").map((pass, index) =>
          readPass(objectOf(pass, `passes[${index}]`), `passes[${index}].`, json, all),
        );
  if (passes.length === 0) throw wrong("passes", "a list of at least one pass");
  return { bindings, passes };
}

function readBinding(value: unknown, index: number): BindingSpecification {
  const place = `bindings[${index}]`;
  const json = objectOf(value, place);
  const target = TARGETS.find((one) => one === json.target);
  if (!target) throw wrong(`${place}.target`, `one of ${TARGETS.join(", ")}`);
  const texture = target !== "STORAGE";
  return {
    target,
    exchange_buffer_id: integerOf(json.exchange_buffer_id, `${place}.exchange_buffer_id`),
    is_in: json.is_in === true,
    is_out: json.is_out === true,
    width: texture ? integerOf(json.width, `${place}.width`) : 0,
    height: texture ? integerOf(json.height, `${place}.height`) : 0,
  };
}

/** What a pass does not say itself is as in the whole specification. */
function readPass(
  json: Json,
  place: string,
  whole: Json,
  all: readonly number[],
): PassSpecification {
  const name = json.shader_name ?? whole.shader_name;
  if (typeof name !== "string" || name === "") throw wrong(`${place}shader_name`, "a name");
  const entry = json.entry ?? whole.entry;
  if (entry !== undefined && typeof entry !== "string") throw wrong(`${place}entry`, "a name");
  const size = listOf(json.dispatch_size ?? whole.dispatch_size, `${place}dispatch_size`);
  const [x = 1, y = 1, z = 1] = size.map((one) => integerOf(one, `${place}dispatch_size`));
  const given = json.bindings;
  const bindings =
    place === "" || given === undefined
      ? all
      : listOf(given, `${place}bindings`).map((one) => bindingIndex(one, place, all));
  return { shader_name: name, entry, dispatch_size: [x, y, z], bindings };
}

function bindingIndex(value: unknown, place: string, all: readonly number[]): number {
  const index = integerOf(value, `${place}bindings`);
  if (all.includes(index)) return index;
  throw wrong(`${place}bindings`, `places in the list of ${all.length} bindings, not ${index}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MocError(
      "MOC_BAD_REQUEST",
      `compute_shader: the specification is not JSON: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

function objectOf(value: unknown, place: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw wrong(place, "an object");
}

function listOf(value: unknown, place: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong(place, "a list");
}

function integerOf(value: unknown, place: string): number {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  throw wrong(place, "a whole number");
}
