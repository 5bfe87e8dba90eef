import { OP } from "./guest/ops.ts";

/** A declared function as the prelude is told of it. */
export interface DescribedFunction {
  readonly name: string;
  /** Its place in the list of all. */
  readonly index: number;
  /** One letter a parameter: i int, s string, b bytes, d dest, n ints, l strings, m map. */
  readonly params: string;
  /** i int, b bytes, s string, m map. */
  readonly result: string;
  /** The answer, where it is always the same. */
  readonly always?: number | undefined;
}

/** What travels as it is, by the letter of its type. */
const PLAIN: Readonly<Record<string, (name: string) => string>> = {
  i: (name) => `typeof ${name} === "number" ? ${name} | 0`,
  s: (name) => `typeof ${name} === "string" ? ${name}`,
  b: (name) => `typeof ${name} === "string" ? ${name}`,
};

/**
 * A script that leaves in `__direct`, by the function's place in the list, what makes a function of
 * the guest API. Each is written out, since an interpreter runs it: with lists of arguments, or a
 * function for each of them, these would cost more than the call.
 */
export function directCallsScript(functions: readonly DescribedFunction[]): string {
  return `globalThis.__direct = [${functions.map(directCall).join(",\n")}]`;
}

function directCall({ index, params, result, always }: DescribedFunction): string {
  const names = [...params].map((_, i) => `a${i}`);
  const sent = [...params].map((letter, i) => {
    const encoded = `encoders.${letter}(a${i})`;
    return PLAIN[letter] ? `${PLAIN[letter](`a${i}`)} : ${encoded}` : encoded;
  });
  const called = `host(${[OP.API, index, ...sent].join()})`;
  const isPlain = result !== "b" && !params.includes("d");
  const answer = isPlain ? called : `decode(one, [${names}], ${called})`;
  return `(host, encoders, decode, one) => (${names}) => ${always ?? answer}`;
}
