import { isObject } from "../runtime/protocol/is-object.ts";
/** A parameter of a declared shader, as a control. */
export type ShaderControl =
  | {
      readonly kind: "number";
      readonly name: string;
      readonly description: string;
      readonly min: number;
      readonly max: number;
      readonly step: number;
      value: number;
    }
  | {
      readonly kind: "color";
      readonly name: string;
      readonly description: string;
      /** Components from 0 to 1; a fourth is kept as it is. */
      value: readonly number[];
    }
  | {
      readonly kind: "text";
      readonly name: string;
      readonly description: string;
      value: string;
    };

const COLOUR_NAME = /colou?r|tint/i;

/**
 * Controls for the parameters that a shader declares, in its settings or, where there are none, in a
 * comment `moc: {…}` of its source. A declaration that cannot be read has none: the runtime says why.
 */
export function shaderControls(settings: unknown, source: string): readonly ShaderControl[] {
  const declaration = settings ?? declarationInComment(source);
  if (!isObject(declaration) || !isObject(declaration.parameters)) return [];
  return Object.entries(declaration.parameters).map(([name, one]) =>
    controlOf(name, isObject(one) ? one : { default: one }),
  );
}

/** What a control sends: numbers of a list are joined by commas. */
export function controlText(control: ShaderControl): string {
  return control.kind === "color" ? control.value.join(",") : String(control.value);
}

/** Components as `#rrggbb`. */
export function toHexColour(components: readonly number[]): string {
  const digits = [0, 1, 2].map((index) => {
    const byte = Math.round(255 * Math.min(1, Math.max(0, components[index] ?? 0)));
    return byte.toString(16).padStart(2, "0");
  });
  return `#${digits.join("")}`;
}

/** Components of `#rrggbb`, followed by those behind the third of `before`. */
export function fromHexColour(hex: string, before: readonly number[]): readonly number[] {
  const components = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  return [...components.map((one) => Math.round(one * 1000) / 1000), ...before.slice(3)];
}

function controlOf(name: string, facts: Readonly<Record<string, unknown>>): ShaderControl {
  const byDefault = facts.default;
  const description = typeof facts.description === "string" ? facts.description : "";
  if (isNumbers(byDefault) && byDefault.length >= 3 && COLOUR_NAME.test(name)) {
    return { kind: "color", name, description, value: byDefault };
  }
  if (typeof byDefault !== "number") {
    return { kind: "text", name, description, value: textOf(byDefault) };
  }
  const size = Math.abs(byDefault) * 4 || 1;
  const max = typeof facts.max === "number" ? facts.max : size;
  const bounded = typeof facts.max === "number" && byDefault >= 0;
  const min = typeof facts.min === "number" ? facts.min : bounded ? 0 : -size;
  const step = typeof facts.step === "number" ? facts.step : niceStep(max - min);
  return { kind: "number", name, description, min, max, step, value: byDefault };
}

/** A power of ten near to a thousandth of the range. */
function niceStep(range: number): number {
  return 10 ** Math.floor(Math.log10(range / 1000 || 1));
}

function textOf(value: unknown): string {
  if (value === undefined) return "";
  return Array.isArray(value) ? value.join(",") : String(value);
}

/** From `moc: {` in a comment to the brace that closes it. */
function declarationInComment(source: string): unknown {
  const start = /(?:^|\n)[ \t]*(?:\/\/|\/\*+|\*)[ \t]*moc:[ \t]*(?=\{)/.exec(source);
  if (!start) return undefined;
  const rest = source
    .slice(start.index + start[0].length)
    .replace(/\n[ \t]*(?:\/\/|\*(?!\/))/g, "\n");
  for (let end = rest.indexOf("}"); end >= 0; end = rest.indexOf("}", end + 1)) {
    try {
      return JSON.parse(rest.slice(0, end + 1));
    } catch {
      // The object goes on behind this brace.
    }
  }
  return undefined;
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((one) => typeof one === "number");
}
