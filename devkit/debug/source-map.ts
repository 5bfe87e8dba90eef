import { encodeVlq } from "../../runtime/protocol/vlq.ts";
import type { LineRow } from "./line-table.ts";

/** A source map as JSON: version 3, with one generated line whose columns are bytes of a module. */
export interface SourceMap {
  readonly version: 3;
  readonly sourceRoot?: string;
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

/**
 * The source map of a module's line rows.
 * @param codeStart offset of the content of the code section
 * @param sourceOf address of a file; undefined: it is not here, and its code stays unmapped
 */
export function sourceMapOf(
  rows: readonly LineRow[],
  codeStart: number,
  sourceOf: (file: string) => string | undefined,
): SourceMap {
  const sources: string[] = [];
  const indexOf = new Map<string | undefined, number>();
  const place = (file: string | undefined): number => {
    const known = indexOf.get(file);
    if (known !== undefined) return known;
    const source = file === undefined ? undefined : sourceOf(file);
    const index = source === undefined ? -1 : sources.push(source) - 1;
    indexOf.set(file, index);
    return index;
  };
  const segments: string[] = [];
  let before = { column: 0, source: 0, line: 0, sourceColumn: 0 };
  for (const [index, row] of rows.entries()) {
    // Of several rows of an address the last one holds.
    if (rows[index + 1]?.address === row.address) continue;
    const column = codeStart + row.address;
    const source = place(row.file);
    if (source < 0) {
      segments.push(encodeVlq(column - before.column));
      before = { ...before, column };
      continue;
    }
    const now = { column, source, line: row.line - 1, sourceColumn: Math.max(0, row.column - 1) };
    segments.push(
      encodeVlq(now.column - before.column) +
        encodeVlq(now.source - before.source) +
        encodeVlq(now.line - before.line) +
        encodeVlq(now.sourceColumn - before.sourceColumn),
    );
    before = now;
  }
  return { version: 3, sources, names: [], mappings: segments.join(",") };
}
