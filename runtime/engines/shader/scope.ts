import { MocError } from "../../protocol/errors.ts";
import type { Formula, ParameterDeclaration, ShaderDeclaration } from "./declaration.ts";
import { evaluate } from "./formula.ts";
import type { ShaderRequest } from "./request.ts";

/** Facts of a binding that formulas may name: `input.length`, `picture.width`. */
interface BindingFacts {
  readonly length?: number;
  readonly width?: number;
  readonly height?: number;
}

/** The names that formulas may use: parameters and facts of bindings, computed when asked for. */
export class Scope {
  readonly #request: ShaderRequest;
  readonly #declared: ReadonlyMap<string, ParameterDeclaration>;
  readonly #facts = new Map<string, BindingFacts>();
  readonly #pending = new Set<string>();

  constructor(request: ShaderRequest, declaration: ShaderDeclaration) {
    this.#request = request;
    const parameters = Object.entries(declaration.parameters ?? {});
    this.#declared = new Map(parameters.map(([name, one]) => [name, asDeclaration(one)]));
  }

  /** What `NAME.length` and its like are from now on. */
  define(binding: string, facts: BindingFacts): void {
    this.#facts.set(binding, facts);
  }

  /** Value of a parameter: given by the caller, or its default; undefined when there is neither. */
  parameter(name: string): unknown {
    const declared = this.#declared.get(name);
    const given = this.#request.value(name);
    if (given !== undefined) {
      checkRange(name, given, declared);
      return given;
    }
    const byDefault = declared?.default;
    return typeof byDefault === "string" ? this.#guarded(name, byDefault) : byDefault;
  }

  /** @throws MOC_BAD_REQUEST when a parameter is missing, MOC_MANIFEST when a name is unknown */
  evaluate(formula: Formula): number {
    return evaluate(formula, (name) => this.#lookup(name));
  }

  #lookup(name: string): number {
    const [binding = "", fact] = name.split(".");
    if (fact !== undefined) {
      const value = this.#facts.get(binding)?.[fact as keyof BindingFacts];
      if (value !== undefined) return value;
      throw new MocError(
        "MOC_MANIFEST",
        `the shader declaration names '${name}', which is not known there`,
      );
    }
    const value = Number(this.parameter(name) ?? Number.NaN);
    if (Number.isFinite(value)) return value;
    throw new MocError(
      "MOC_BAD_REQUEST",
      `give '${name}' as a number, in the query or in a JSON body`,
    );
  }

  #guarded(name: string, formula: string): number {
    if (this.#pending.has(name)) {
      throw new MocError("MOC_MANIFEST", `the default of parameter '${name}' depends on itself`);
    }
    this.#pending.add(name);
    try {
      return this.evaluate(formula);
    } finally {
      this.#pending.delete(name);
    }
  }
}

function asDeclaration(
  one: NonNullable<ShaderDeclaration["parameters"]>[string],
): ParameterDeclaration {
  const plain = typeof one === "number" || typeof one === "string" || Array.isArray(one);
  return plain ? { default: one as Formula | readonly number[] } : (one as ParameterDeclaration);
}

function checkRange(
  name: string,
  given: unknown,
  declared: ParameterDeclaration | undefined,
): void {
  if (!declared) return;
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = declared;
  for (const one of Array.isArray(given) ? given : [given]) {
    const number = Number(one);
    if (number >= min && number <= max) continue;
    throw new MocError(
      "MOC_BAD_REQUEST",
      `'${name}' must be a number from ${min} to ${max}, not ${JSON.stringify(one)}`,
    );
  }
}
