import { NagaError, parseWgsl, validate } from "naga-wasm";
import { MocError } from "../protocol/errors.ts";
import type { ShaderProblem, ShaderSource } from "../protocol/gpu.ts";
import { translateGlsl } from "./glsl.ts";
import type { ShaderFindings } from "./process-messages.ts";
import { reflectShader } from "./reflect.ts";
import { problemAt, problemOf } from "./shader-problem.ts";

/**
 * What can be found in a shader where no adapter compiles it: syntax, types and bindings. Naga is
 * another compiler than the device's and knows less of the language's extensions.
 */
export async function checkWithoutDevice(source: ShaderSource): Promise<ShaderFindings> {
  const translation =
    source.language === "glsl" ? await translateGlsl(source) : { wgsl: source.text };
  if ("problems" in translation) return translation;
  const refused = source.language === "wgsl" ? refusal(source.text) : undefined;
  if (refused?.severity === "error") return { problems: [refused] };
  const problems = refused ? [refused] : [];
  try {
    return { problems, shape: { ...reflectShader(translation.wgsl, source), warnings: [] } };
  } catch (error) {
    return { problems: [...problems, problemOf(MocError.from(error))] };
  }
}

function refusal(text: string): ShaderProblem | undefined {
  try {
    using module = parseWgsl(text);
    using _info = validate(module);
    return undefined;
  } catch (error) {
    if (!(error instanceof NagaError)) throw error;
    // A text that asks for extensions may be right all the same.
    const extended = /^\s*(enable|requires)\b/m.test(text);
    return { ...nagaProblem(error), severity: extended ? "warning" : "error" };
  }
}

/** The first place of the message, with what the message says under its title. */
function nagaProblem({ message, formatted }: NagaError): ShaderProblem {
  const [, line, column] = /wgsl:(\d+):(\d+)/.exec(formatted) ?? [];
  const place = line && column ? { line: Number(line), column: Number(column) } : undefined;
  const notes = [...formatted.matchAll(/^\s*= (?!note:)(.*)$/gm)].map(([, note]) => note);
  return problemAt(place, [message, ...notes].join("; "));
}
