import { resolve } from "node:path";
import type { Diagnostic } from "../diagnostic.ts";

const PLACED =
  /^(?<file>(?:[A-Za-z]:)?[^:\n]+):(?<line>\d+):(?<column>\d+):(?:(?<ranges>(?:\{[\d:-]+\})+):)? (?<severity>fatal error|error|warning|note|remark): (?<message>.*)$/;
const UNPLACED =
  /^(?:[\w+.-]*(?:clang|wasm-ld)[\w+.-]*): (?<severity>error|warning): (?<message>.*)$/;
const FLAG = / \[(?<flag>-W[^\]]+)\]$/;

/**
 * Diagnostics in the text that clang, wasm-ld, gcc and many others print.
 * @param folder - what relative file names are relative to
 * @param fallback - file to blame for what has no place, such as linker errors
 */
export function clangDiagnostics(text: string, folder: string, fallback?: string): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const line of text.split(/\r?\n/)) {
    const placed = PLACED.exec(line)?.groups;
    if (placed) {
      const one = placedDiagnostic(placed, folder);
      const last = diagnostics.at(-1);
      // A note explains the diagnostic before it.
      if (placed.severity === "note" && last) {
        const note = `${last.message}\n${one.message} (${one.file}:${one.line})`;
        diagnostics[diagnostics.length - 1] = { ...last, message: note };
      } else {
        diagnostics.push(one);
      }
      continue;
    }
    const unplaced = UNPLACED.exec(line)?.groups;
    if (unplaced && fallback !== undefined && !isFollowUp(unplaced.message ?? "")) {
      diagnostics.push({
        file: fallback,
        line: 1,
        column: 1,
        severity: severityOf(unplaced.severity),
        message: withoutObjectFile(unplaced.message ?? ""),
      });
    }
  }
  return diagnostics;
}

function placedDiagnostic(
  groups: Readonly<Record<string, string | undefined>>,
  folder: string,
): Diagnostic {
  const [line, column] = [Number(groups.line), Number(groups.column)];
  const flag = FLAG.exec(groups.message ?? "")?.groups?.flag;
  const message = (groups.message ?? "").replace(FLAG, "");
  return {
    file: resolve(folder, groups.file ?? ""),
    line,
    column,
    ...endOf(groups.ranges, line),
    severity: severityOf(groups.severity),
    message,
    ...(flag !== undefined && { code: flag }),
  };
}

/** End of the first source range `{line:column-line:column}` that begins on the line. */
function endOf(ranges: string | undefined, line: number) {
  for (const [, from, toLine, toColumn] of (ranges ?? "").matchAll(/\{(\d+):\d+-(\d+):(\d+)\}/g)) {
    if (Number(from) === line) return { endLine: Number(toLine), endColumn: Number(toColumn) };
  }
  return {};
}

function severityOf(text: string | undefined): Diagnostic["severity"] {
  if (text === "error" || text === "fatal error") return "error";
  return text === "warning" ? "warning" : "info";
}

/** clang repeats that its linker failed; the linker has said why. */
function isFollowUp(message: string): boolean {
  return message.startsWith("linker command failed");
}

/** `/tmp/main-1a2b.o: undefined symbol: x` to `undefined symbol: x`. */
function withoutObjectFile(message: string): string {
  return message.replace(/^[^\s:]+\.o: /, "");
}
