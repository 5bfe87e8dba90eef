/** Finds places in a shader's text; lines and columns count from 1. */

export interface Place {
  readonly line: number;
  readonly column: number;
}

const escapePattern = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Column of a word or sign in one line, if it stands there. */
export function findInLine(text: string, line: number, token: string): number | undefined {
  const content = text.split("\n")[line - 1];
  if (content === undefined || token === "") return undefined;
  const pattern = /^\w+$/.test(token)
    ? new RegExp(`\\b${escapePattern(token)}\\b`)
    : escapePattern(token);
  const index = content.search(pattern);
  return index < 0 ? undefined : index + 1;
}

/** Where a function is defined. */
export function findFunction(text: string, name: string): Place | undefined {
  const lines = text.split("\n");
  const pattern = new RegExp(`^[ \\t]*\\w+[ \\t]+(${escapePattern(name)})[ \\t]*\\(`);
  for (const [index, line] of lines.entries()) {
    const found = pattern.exec(line);
    if (found?.[1]) return { line: index + 1, column: line.indexOf(found[1]) + 1 };
  }
  return undefined;
}

/** Where a binding is declared, in either language: its name in the first line with its number. */
export function findBinding(text: string, name: string): Place | undefined {
  const lines = text.split("\n");
  const mentions = lines.flatMap((content, index) => {
    const column = content.search(new RegExp(`\\b${escapePattern(name)}\\b`)) + 1;
    return column > 0 ? [{ line: index + 1, column, content }] : [];
  });
  const found = mentions.find(({ content }) => /\bvar\b|\bbinding\b/.test(content)) ?? mentions[0];
  return found && { line: found.line, column: found.column };
}

/** Does the text contain the name as a whole word? */
export function hasWord(text: string, word: string): boolean {
  return new RegExp(`\\b${escapePattern(word)}\\b`).test(text);
}
