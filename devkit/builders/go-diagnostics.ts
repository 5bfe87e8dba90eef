import { resolve } from "node:path";
import type { Diagnostic } from "../diagnostic.ts";
import { jsonLines } from "./json-lines.ts";

const PLACED =
  /^(?<file>(?:[A-Za-z]:)?[^:\n]+\.(?:go|mod)):(?<line>\d+)(?::(?<column>\d+))?: (?<message>.*)$/;

/** What `go build -json` wrapped, as plain text. */
export function goOutput(text: string): string {
  const wrapped = [...jsonLines(text)]
    .filter((line) => line.Action === "build-output")
    .map((line) => String(line.Output ?? ""));
  const plain = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("{"));
  return [wrapped.join(""), ...plain].filter((part) => part !== "").join("\n");
}

/** Diagnostics of `go build -json`, or of the plain text that TinyGo prints. */
export function goDiagnostics(text: string, folder: string): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const line of goOutput(text).split(/\r?\n/)) {
    const groups = PLACED.exec(line)?.groups;
    const last = diagnostics.at(-1);
    if (groups) {
      diagnostics.push({
        file: resolve(folder, groups.file ?? ""),
        line: Number(groups.line),
        column: Number(groups.column ?? 1),
        severity: "error",
        message: groups.message ?? "",
      });
    } else if (last && line.startsWith("\t")) {
      // An indented line goes on with the message above it.
      diagnostics[diagnostics.length - 1] = { ...last, message: `${last.message}\n${line.trim()}` };
    }
  }
  return diagnostics;
}
