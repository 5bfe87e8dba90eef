/** Where an error without a place of its own is shown in a moc.json. */

interface Place {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

const START: Place = { line: 1, column: 1, endLine: 1, endColumn: 1 };

/** Place of the path that a message names; the start of the file when it names none of those there. */
export function placeInManifest(text: string, message: string): Place {
  const words = new Set(message.split(/[\s'",;]+/));
  for (const { index, 0: literal, 1: value = "" } of text.matchAll(/"(\/[^"\\]*)"/g)) {
    if (!words.has(value)) continue;
    const before = text.slice(0, index).split("\n");
    const line = before.length;
    const column = (before.at(-1)?.length ?? 0) + 1;
    return { line, column, endLine: line, endColumn: column + literal.length };
  }
  return START;
}
