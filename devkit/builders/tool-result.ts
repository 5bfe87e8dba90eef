import { MocError } from "../../runtime/protocol/errors.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { ToolExit } from "../run-tool.ts";
import type { BuildFailure, ToolchainStatus } from "./builder.ts";

/** More diagnostics than this help nobody. */
export const DIAGNOSTICS_MAX = 200;
const OUTPUT_CHARACTERS_MAX = 20_000;

interface FailureFacts {
  readonly diagnostics: readonly Diagnostic[];
  readonly durationMs: number;
  readonly toolVersion: string;
  readonly output: string;
  /** Where to point when the tool named no place. */
  readonly file: string;
}

/** A failed build; it has one error diagnostic at least, so that an editor can show it. */
export function failure(facts: FailureFacts): BuildFailure {
  const { durationMs, toolVersion, file } = facts;
  const output = facts.output.slice(0, OUTPUT_CHARACTERS_MAX);
  const diagnostics = [...fewDiagnostics(facts.diagnostics)];
  if (!diagnostics.some(({ severity }) => severity === "error")) {
    const message = mainMessage(output) || "the build failed without a message";
    diagnostics.push({ file, ...placeIn(message), severity: "error", message });
  }
  return { ok: false, diagnostics, durationMs, toolVersion, output };
}

/** As many as anybody reads, errors before all else, in their order; the last tells of the others. */
export function fewDiagnostics(all: readonly Diagnostic[]): readonly Diagnostic[] {
  if (all.length <= DIAGNOSTICS_MAX) return all;
  const isError = ({ severity }: Diagnostic): boolean => severity === "error";
  const others = all.filter((one) => !isError(one));
  const kept = new Set([...all.filter(isError), ...others].slice(0, DIAGNOSTICS_MAX - 1));
  const [first] = kept;
  if (!first) return all;
  const message = `${all.length - kept.size} more errors and warnings are not shown`;
  const { file, line, column } = first;
  return [...all.filter((one) => kept.has(one)), { file, line, column, severity: "info", message }];
}

/** Both streams of a tool, as they would stand in a terminal. */
export function outputOf({ stdout, stderr }: Pick<ToolExit, "stdout" | "stderr">): string {
  return [stdout, stderr].filter((text) => text.trim() !== "").join("\n");
}

const TO_INSTALL = " To install:\n";

/** The error for a build that cannot start. */
export function toolchainMissing(status: ToolchainStatus & { ok: false }): MocError {
  return new MocError("MOC_TOOLCHAIN_MISSING", status.missing + TO_INSTALL + status.install);
}

/** The two parts of what {@link toolchainMissing} says. */
export function missingParts({ message }: MocError): { missing: string; install: string } {
  const [missing = message, install = ""] = message.split(TO_INSTALL);
  return { missing, install };
}

/** Of an output without places: its error with the deepest cause, as cargo tells them; else its first line. */
function mainMessage(output: string): string {
  const lines = output.split("\n").map((line) => line.trim());
  const error = lines.find((line) => /^error(\[\w+\])?: /.test(line));
  if (error === undefined) return lines.find((line) => line !== "") ?? "";
  const cause = lines[lines.lastIndexOf("Caused by:") + 1];
  const message = error.replace(/^error(\[\w+\])?: /, "");
  return lines.includes("Caused by:") && cause ? `${message}: ${cause}` : message;
}

/** Where a message speaks of a line and column of the file that it is about. */
function placeIn(message: string): { readonly line: number; readonly column: number } {
  const [, line, column] = /\bline (\d+),? column (\d+)/.exec(message) ?? [];
  return { line: Number(line ?? 1), column: Number(column ?? 1) };
}
