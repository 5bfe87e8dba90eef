import { resolve } from "node:path";
import type { Diagnostic } from "../diagnostic.ts";
import { jsonLines } from "./json-lines.ts";

interface RustSpan {
  readonly file_name: string;
  readonly line_start: number;
  readonly line_end: number;
  readonly column_start: number;
  readonly column_end: number;
  readonly is_primary: boolean;
  readonly label?: string | null;
}

interface RustMessage {
  readonly message: string;
  readonly code?: { readonly code: string } | null;
  readonly level: string;
  readonly spans: readonly RustSpan[];
  readonly children: readonly RustMessage[];
  readonly rendered?: string | null;
}

/**
 * Diagnostics of `rustc --error-format=json` or `cargo --message-format=json`.
 * @param folder - what relative file names are relative to
 * @param fallback - file to blame for what has no place, such as linker errors
 */
export function rustDiagnostics(text: string, folder: string, fallback: string): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const line of jsonLines(text)) {
    const message = messageOf(line);
    if (!message || isSummary(message)) continue;
    const { level } = message;
    if (level !== "error" && level !== "warning" && !level.startsWith("error:")) continue;
    diagnostics.push(diagnosticOf(message, folder, fallback));
  }
  return diagnostics;
}

/** What rustc would have printed in a terminal. */
export function rustOutput(text: string): string {
  const rendered = [...jsonLines(text)].map((line) => messageOf(line)?.rendered ?? "");
  const plain = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("{"));
  return [...plain, ...rendered].join("\n");
}

/** cargo wraps rustc's message. */
function messageOf(line: Readonly<Record<string, unknown>>): RustMessage | undefined {
  const message = line.reason === "compiler-message" ? line.message : line;
  const { level, spans } = message as Partial<RustMessage>;
  return typeof level === "string" && Array.isArray(spans) ? (message as RustMessage) : undefined;
}

function isSummary({ message, spans }: RustMessage): boolean {
  return spans.length === 0 && /^(aborting due to|\d+ warnings? emitted)/.test(message);
}

function diagnosticOf(message: RustMessage, folder: string, fallback: string): Diagnostic {
  const span = message.spans.find((one) => one.is_primary) ?? message.spans[0];
  // Where it repeats what the message says, it says nothing.
  const adds = span?.label && !message.message.includes(span.label);
  const label = adds ? `: ${span.label}` : "";
  const helps = message.children.map((child) => `${child.level}: ${child.message}`);
  return {
    ...(span
      ? {
          file: resolve(folder, span.file_name),
          line: span.line_start,
          column: span.column_start,
          endLine: span.line_end,
          endColumn: span.column_end,
        }
      : { file: fallback, line: 1, column: 1 }),
    severity: message.level === "warning" ? "warning" : "error",
    message: [message.message + label, ...helps].join("\n"),
    ...(message.code && { code: message.code.code }),
  };
}
