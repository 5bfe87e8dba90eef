/** A compile job for a compiler that is a JavaScript package and runs in a worker thread. */
export interface CompileJob {
  readonly id: number;
  /** Module of the compiler, imported by the worker once. */
  readonly toolUrl: string;
  readonly args: readonly string[];
  /** Files by their path relative to the compiler's folder, with `/`. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Path of the file to answer. */
  readonly output: string;
}

export interface CompileAnswer {
  readonly id: number;
  /** Absent when the compiler failed. */
  readonly artifact?: Uint8Array;
  /** Source map that the compiler wrote beside it. */
  readonly sourceMap?: string;
  /** What it printed. */
  readonly text: string;
  /** Diagnostics of compilers that report offsets instead of text. */
  readonly notes?: readonly OffsetNote[];
  /** Set when the compiler itself broke. */
  readonly crash?: string;
}

/** A diagnostic whose place is given in UTF-16 units from the start of its file. */
export interface OffsetNote {
  /** Relative to the compiler's folder. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly severity: "error" | "warning" | "info";
  readonly message: string;
  readonly code: string;
}

/** Text output of a tool, up to a limit. */
export class CappedText {
  #text = "";
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(text: string): void {
    if (this.#text.length < this.#limit) this.#text += text.slice(0, this.#limit);
  }

  toString(): string {
    return this.#text;
  }
}
