/** Numbers of a shader's JSON answer, as a grid where it has a size. */
export interface NumberGrid {
  readonly values: Float64Array;
  /** Cells in a row. */
  readonly width: number;
  /** Numbers of one cell. */
  readonly channels: number;
}

/** What a runtime answers in JSON for the bindings that a shader writes; undefined when no numbers. */
export function numberGrid(json: unknown): NumberGrid | undefined {
  if (isPicture(json)) {
    return { values: Float64Array.from(json.values), width: json.width, channels: json.channels };
  }
  const values: number[] = [];
  collect(json, values);
  if (values.length === 0) return undefined;
  const rows = Array.isArray(json) && json.every(isList) ? json.length : 0;
  const width = rows > 0 ? values.length / rows : Math.ceil(Math.sqrt(values.length));
  return { values: Float64Array.from(values), width: Math.ceil(width), channels: 1 };
}

/** Where a compiler found something: `name.wgsl:3:16: text`. */
export interface SourceProblem {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** Positions in a message; several stand on lines of their own. */
export function sourceProblems(message: string): readonly SourceProblem[] {
  return [...message.matchAll(/(?:^|\n)[^\n:]*:(\d+):(\d+):? ?([^\n]*)/g)].map((found) => ({
    line: Number(found[1]),
    column: Number(found[2]),
    text: found[3] ?? "",
  }));
}

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly values: readonly number[];
}

function isPicture(json: unknown): json is Picture {
  if (typeof json !== "object" || json === null) return false;
  const { width, height, channels, values } = json as Readonly<Record<string, unknown>>;
  return [width, height, channels].every((one) => typeof one === "number") && isList(values);
}

function collect(json: unknown, into: number[]): void {
  if (typeof json === "number") into.push(json);
  else if (typeof json === "object" && json !== null) {
    for (const one of Object.values(json)) collect(one, into);
  }
}

function isList(value: unknown): boolean {
  return Array.isArray(value);
}
