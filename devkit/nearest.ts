/** Fewer letters begin too many words. */
const BEGINNING_MIN = 3;

/** The candidate that a mistyped or half written word most likely meant; undefined when none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const all = [...candidates];
  return nearestByDistance(word, all) ?? begunBy(word, all);
}

/** The one candidate that goes on as the word begins: `memory` and `memoryMiB`. */
function begunBy(word: string, candidates: readonly string[]): string | undefined {
  if (word.length < BEGINNING_MIN) return undefined;
  const begun = candidates.filter((one) => one.toLowerCase().startsWith(word.toLowerCase()));
  return begun.length === 1 ? begun[0] : undefined;
}

function nearestByDistance(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  // Two other letters of four make another word.
  const most = word.length <= 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
  let bestDistance = most + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    // A word of which no letter is left was not mistyped.
    if (distance < bestDistance && distance < word.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Damerau-Levenshtein distance with adjacent transpositions (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}
