/** What a start function looks like, by the editor's language id; `NAME` is its name. */
const PATTERNS: Readonly<Record<string, readonly string[]>> = {
  javascript: [
    "^\\s*(?:async\\s+)?fetch\\s*\\(",
    "^\\s*export\\s+default\\b",
    "^\\s*(?:export\\s+)?(?:async\\s+)?function\\s+NAME\\s*\\(",
    "\\.NAME\\s*=",
  ],
  rust: ['^\\s*pub\\s+(?:unsafe\\s+)?extern\\s+"C"\\s+fn\\s+NAME\\s*\\(', "^\\s*fn\\s+main\\s*\\("],
  c: ['^[\\w\\s*()"]*\\bNAME\\s*\\([^;]*$', "^\\s*int\\s+main\\s*\\("],
  go: ["^\\s*func\\s+NAME\\s*\\(", "^//go:wasmexport\\s+NAME\\b", "^\\s*func\\s+main\\s*\\("],
  wgsl: ["^\\s*@compute\\b"],
  wat: ['\\(func\\b.*\\(export\\s+"NAME"\\)', '\\(export\\s+"NAME"'],
};

const ALIASES: Readonly<Record<string, string>> = {
  typescript: "javascript",
  javascriptreact: "javascript",
  typescriptreact: "javascript",
  cpp: "c",
};

/** Names that start functions have where the manifest gives none. */
const USUAL_NAMES = "(?:handle|handler|start|_start|main)";

/** Line of the start function in a source file, from 0; undefined when it is not in this file. */
export function startFunctionLine(
  text: string,
  languageId: string,
  start: string | undefined,
): number | undefined {
  const patterns = PATTERNS[ALIASES[languageId] ?? languageId] ?? [];
  const name = start === undefined ? USUAL_NAMES : start.replaceAll(/[^\w]/g, "\\$&");
  const lines = text.split(/\r?\n/);
  for (const pattern of patterns) {
    const expression = new RegExp(pattern.replaceAll("NAME", name));
    const line = lines.findIndex(
      (one) => expression.test(one) && !/^\s*(\/\/(?!go:)|\*)/.test(one),
    );
    if (line >= 0) return line;
  }
  return undefined;
}
