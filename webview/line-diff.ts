/** A line of two texts beside each other: in both, only in the old one, or only in the new one. */
interface DiffLine {
  readonly kind: "same" | "old" | "new";
  readonly text: string;
}

/** Lines compared at most; the table of the comparison grows with their square. */
export const DIFF_LINES_MAX = 400;

/** What must be taken out of the old text and put in to get the new one, in the order of lines. */
export function diffLines(oldText: string, newText: string): readonly DiffLine[] {
  const a = oldText.split("\n").slice(0, DIFF_LINES_MAX);
  const b = newText.split("\n").slice(0, DIFF_LINES_MAX);
  const lengths = commonLengths(a, b);
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const old = a[i];
    const fresh = b[j];
    if (old !== undefined && old === fresh) {
      lines.push({ kind: "same", text: old });
      i++;
      j++;
    } else if (old !== undefined && (fresh === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ kind: "old", text: old });
      i++;
    } else if (fresh !== undefined) {
      lines.push({ kind: "new", text: fresh });
      j++;
    }
  }
  return lines;
}

/** Longest common subsequence of the rests from `i` and `j` on. */
function commonLengths(a: readonly string[], b: readonly string[]): readonly Uint16Array[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    const row = lengths[i];
    const next = lengths[i + 1];
    if (!row || !next) continue;
    for (let j = b.length - 1; j >= 0; j--) {
      row[j] = a[i] === b[j] ? 1 + (next[j + 1] ?? 0) : Math.max(next[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return lengths;
}
