import { resolve } from "node:path";
import type { DeployProblem } from "../runtime/protocol/rest-deploy.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { FunctionProject } from "./manifest.ts";

/** Why a function that is live cannot be loaded, at its place in the source; in its moc.json without one. */
export function problemDiagnostic(
  { folder, manifestFile }: FunctionProject,
  { code, message, position }: DeployProblem,
): Diagnostic {
  if (!position) {
    return { file: manifestFile, line: 1, column: 1, severity: "error", message, code };
  }
  const { file, line, column = 1 } = position;
  const place = ` (${file}:${line}:${column})`;
  const text = message.endsWith(place) ? message.slice(0, -place.length) : message;
  return { file: resolve(folder, file), line, column, severity: "error", message: text, code };
}
