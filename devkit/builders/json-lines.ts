/** JSON objects in a tool's output, one a line; other lines are left out. */
export function* jsonLines(text: string): Generator<Readonly<Record<string, unknown>>> {
  for (const line of text.split("\n")) {
    if (!line.startsWith("{")) continue;
    try {
      yield JSON.parse(line) as Readonly<Record<string, unknown>>;
    } catch (error) {
      // A line that was cut at the output's limit.
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
}
