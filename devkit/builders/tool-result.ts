import { MocError } from "../../runtime/protocol/errors.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { ToolExit } from "../run-tool.ts";
import type { BuildFailure, ToolchainStatus } from "./builder.ts";

/** More diagnostics than this help nobody. */
export const DIAGNOSTICS_MAX = 200;
const OUTPUT_CHARACTERS_MAX = 20_000;

export interface FailureFacts {
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
  const diagnostics = facts.diagnostics.slice(0, DIAGNOSTICS_MAX);
  if (!diagnostics.some(({ severity }) => severity === "error")) {
    const message = firstLine(output) || "the build failed without a message";
    diagnostics.push({ file, line: 1, column: 1, severity: "error", message });
  }
  return { ok: false, diagnostics, durationMs, toolVersion, output };
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

function firstLine(text: string): string {
  return (
    text
      .split("\n")
      .find((line) => line.trim() !== "")
      ?.trim() ?? ""
  );
}
