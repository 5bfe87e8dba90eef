import { MocError } from "../protocol/errors.ts";
import type { ShaderProblem, ShaderSource } from "../protocol/gpu.ts";
import type { Place } from "./source-search.ts";

const START: Place = { line: 1, column: 1 };

/** An error at a place of the user's text; at its start where the place is not known. */
export function problemAt(place: Place | undefined, message: string): ShaderProblem {
  const { line, column } = place ?? START;
  return { severity: "error", message, line: Math.max(line, 1), column: Math.max(column, 1) };
}

/** What Dawn says, without the calls in which it noticed. */
export function plainMessage({ message }: { readonly message: string }): string {
  return message.split(/\n\s*- While /, 1)[0]?.trim() ?? message;
}

/** MOC_SHADER_INVALID for whoever wants to run the shader. */
export function invalid(
  source: ShaderSource,
  { line, column, message }: ShaderProblem,
  cause?: unknown,
): MocError {
  const position = { file: source.name, line, column };
  const where = `${source.name}:${line}:${column}`;
  return new MocError("MOC_SHADER_INVALID", `${where}: ${message}`, { position, cause });
}

/** The other way round: what an error says of the shader, without the place in front. */
export function problemOf(error: MocError): ShaderProblem {
  const { position, message } = error;
  const place = position && { line: position.line, column: position.column ?? 1 };
  const prefix = position ? `${position.file}:${position.line}:${position.column}: ` : "";
  return problemAt(place, message.startsWith(prefix) ? message.slice(prefix.length) : message);
}
