import {
  DiagnosticSeverity,
  type Disposable,
  Diagnostic as EditorDiagnostic,
  languages,
  Range,
  Uri,
} from "vscode";
import type { Diagnostic } from "../devkit/diagnostic.ts";
import { ManifestError } from "../devkit/manifest.ts";
import type { MocError } from "../runtime/protocol/errors.ts";

const SEVERITIES = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
} as const;

/** Entries of the Problems view; each source of them (a function's build, a manifest) is renewed whole. */
export class Problems implements Disposable {
  readonly #collection = languages.createDiagnosticCollection("my-own-cluster");
  readonly #bySource = new Map<string, readonly Diagnostic[]>();

  /** Replaces what the source had to say; an empty list clears it. */
  set(source: string, diagnostics: readonly Diagnostic[]): void {
    const before = this.#bySource.get(source) ?? [];
    if (diagnostics.length > 0) this.#bySource.set(source, diagnostics);
    else this.#bySource.delete(source);
    const files = new Set([...before, ...diagnostics].map(({ file }) => file));
    for (const file of files) this.#show(file);
  }

  /** Forgets the sources that start with a prefix and are not kept. */
  retain(prefix: string, kept: ReadonlySet<string>): void {
    for (const source of [...this.#bySource.keys()]) {
      if (source.startsWith(prefix) && !kept.has(source)) this.set(source, []);
    }
  }

  dispose(): void {
    this.#collection.dispose();
  }

  #show(file: string): void {
    const all = [...this.#bySource.values()].flat().filter((one) => one.file === file);
    this.#collection.set(Uri.file(file), all.map(editorDiagnostic));
  }
}

/** An error with places in a file, as diagnostics; at the file's start when it has none. */
export function errorDiagnostics(error: MocError, file: string): readonly Diagnostic[] {
  if (error instanceof ManifestError) return error.problems;
  const { position, message, code } = error;
  const place = { line: position?.line ?? 1, column: position?.column ?? 1 };
  const text = message.replace(/^\S+:\d+:\d+: /, "");
  return [{ file: position?.file ?? file, ...place, severity: "error", message: text, code }];
}

function editorDiagnostic(one: Diagnostic): EditorDiagnostic {
  const line = Math.max(one.line - 1, 0);
  const column = Math.max(one.column - 1, 0);
  // Without an end the editor marks the word there.
  const endLine = one.endLine === undefined ? line : one.endLine - 1;
  const endColumn = one.endColumn === undefined ? column : one.endColumn - 1;
  const range = new Range(line, column, endLine, endColumn);
  const diagnostic = new EditorDiagnostic(range, one.message, SEVERITIES[one.severity]);
  diagnostic.source = "my-own-cluster";
  if (one.code) diagnostic.code = one.code;
  return diagnostic;
}
