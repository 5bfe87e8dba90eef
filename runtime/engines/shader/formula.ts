import { MocError } from "../../protocol/errors.ts";

const FUNCTIONS: Readonly<Record<string, (...values: number[]) => number>> = {
  ceil: Math.ceil,
  floor: Math.floor,
  sqrt: Math.sqrt,
  min: Math.min,
  max: Math.max,
};

/**
 * Computes `ceil(input.length / 256)` and its like: numbers, names, `+ - * / ( )` and a few
 * functions. No code of the user is ever evaluated in any other way.
 * @param lookup value of a name
 * @throws MOC_MANIFEST when the text is no formula; whatever `lookup` throws
 */
export function evaluate(formula: number | string, lookup: (name: string) => number): number {
  if (typeof formula === "number") return formula;
  return new Reader(formula, lookup).read();
}

const TOKEN = /\s*(?:(\d+(?:\.\d+)?(?:e[+-]?\d+)?)|([A-Za-z_]\w*(?:\.\w+)?)|([-+*/(),]))/y;

class Reader {
  readonly #text: string;
  readonly #lookup: (name: string) => number;
  readonly #tokens: string[] = [];
  #next = 0;

  constructor(text: string, lookup: (name: string) => number) {
    this.#text = text;
    this.#lookup = lookup;
    const token = new RegExp(TOKEN);
    const trimmed = text.trimEnd();
    while (token.lastIndex < trimmed.length) {
      const found = token.exec(trimmed);
      if (!found) throw this.#wrong();
      this.#tokens.push(found[0].trim());
    }
  }

  read(): number {
    const value = this.#sum();
    if (this.#next < this.#tokens.length) throw this.#wrong();
    return value;
  }

  #sum(): number {
    let value = this.#product();
    for (;;) {
      if (this.#take("+")) value += this.#product();
      else if (this.#take("-")) value -= this.#product();
      else return value;
    }
  }

  #product(): number {
    let value = this.#factor();
    for (;;) {
      if (this.#take("*")) value *= this.#factor();
      else if (this.#take("/")) value /= this.#factor();
      else return value;
    }
  }

  #factor(): number {
    if (this.#take("-")) return -this.#factor();
    if (this.#take("(")) {
      const value = this.#sum();
      this.#expect(")");
      return value;
    }
    const token = this.#tokens[this.#next++];
    if (token === undefined) throw this.#wrong();
    if (/^\d/.test(token)) return Number(token);
    if (!/^[A-Za-z_]/.test(token)) throw this.#wrong();
    return this.#take("(") ? this.#call(token) : this.#lookup(token);
  }

  #call(name: string): number {
    const values = [this.#sum()];
    while (this.#take(",")) values.push(this.#sum());
    this.#expect(")");
    const called = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (!called) throw this.#wrong();
    return called(...values);
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#next] !== token) return false;
    this.#next++;
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw this.#wrong();
  }

  #wrong(): MocError {
    const functions = Object.keys(FUNCTIONS).join(", ");
    return new MocError(
      "MOC_MANIFEST",
      `'${this.#text}' is not a formula: write numbers, names, + - * / ( ) and ${functions}`,
    );
  }
}
