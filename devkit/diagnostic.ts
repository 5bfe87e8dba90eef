/** What a reader or a compiler has to say about a place in a user's file. */
export interface Diagnostic {
  /** Absolute path. */
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  /** Counts from 1, in UTF-16 units. */
  readonly column: number;
  readonly endLine?: number;
  /** Exclusive. */
  readonly endColumn?: number;
  readonly severity: "error" | "warning" | "info";
  readonly message: string;
  /** The tool's own code for it, such as `E0425` or `-Wunused-variable`. */
  readonly code?: string;
}

/** `file:line:column: severity: message [code]`, as terminals and editors make it clickable. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, severity, message, code } = diagnostic;
  return `${file}:${line}:${column}: ${severity}: ${message}${code ? ` [${code}]` : ""}`;
}
