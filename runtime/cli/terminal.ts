import { stripVTControlCharacters, styleText } from "node:util";
import type { Diagnostic } from "../../devkit/diagnostic.ts";
import { formatDiagnostic } from "../../devkit/diagnostic.ts";

type Style = Parameters<typeof styleText>[0];

/** Where verbs print: results to stdout, everything else to stderr; colours only for people. */
export class Terminal {
  readonly #out: NodeJS.WriteStream;
  readonly #error: NodeJS.WriteStream;
  #progress = "";

  constructor(
    out: NodeJS.WriteStream = process.stdout,
    error: NodeJS.WriteStream = process.stderr,
  ) {
    this.#out = out;
    this.#error = error;
    for (const stream of [out, error]) {
      // `moc logs | head`: the reader has had enough.
      stream.on("error", (problem: NodeJS.ErrnoException) => {
        if (problem.code !== "EPIPE") throw problem;
      });
    }
  }

  /** Whether somebody sits at stdout and stdin. */
  get isInteractive(): boolean {
    return this.#out.isTTY === true && process.stdin.isTTY === true;
  }

  /** One line of the result. */
  line(text = ""): void {
    this.clearProgress();
    this.#out.write(`${text}\n`);
  }

  bytes(bytes: Uint8Array): void {
    this.clearProgress();
    this.#out.write(bytes);
  }

  json(value: unknown): void {
    this.line(JSON.stringify(value, undefined, this.#out.isTTY ? 2 : undefined));
  }

  /** One line about the work, not of the result. */
  note(text: string): void {
    this.clearProgress();
    this.#error.write(`${text}\n`);
  }

  /** A line that the next one overwrites; nothing where nobody looks. */
  progress(text: string): void {
    if (this.#error.isTTY !== true) return;
    this.clearProgress();
    const columns = this.#error.columns ?? 80;
    this.#progress = text.slice(0, columns - 1);
    this.#error.write(this.#progress);
  }

  clearProgress(): void {
    if (this.#progress === "") return;
    this.#progress = "";
    this.#error.write("\r\x1b[K");
  }

  diagnostic(diagnostic: Diagnostic): void {
    const style = diagnostic.severity === "error" ? "red" : "yellow";
    this.note(this.errorStyle(style, formatDiagnostic(diagnostic)));
  }

  style(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#out });
  }

  errorStyle(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#error });
  }

  /** Rows as a table with aligned columns. */
  table(rows: readonly (readonly string[])[]): void {
    const widths: number[] = [];
    const width = (cell: string): number => stripVTControlCharacters(cell).length;
    for (const row of rows) {
      row.forEach((cell, i) => {
        widths[i] = Math.max(widths[i] ?? 0, width(cell));
      });
    }
    for (const row of rows) {
      const cells = row.map((cell, i) => cell + " ".repeat((widths[i] ?? 0) - width(cell)));
      this.line(cells.join("  ").trimEnd());
    }
  }
}
