import createGlslang from "@webgpu/glslang";
import { NagaError, translate } from "naga-wasm";
import { MocError } from "../protocol/errors.ts";
import type { ShaderSource } from "../protocol/gpu.ts";
import { findFunction, findInLine, type Place } from "./source-search.ts";

interface Glslang {
  compileGLSL(text: string, stage: "compute", debug: boolean, spirv: "1.3"): Uint32Array;
}

/** The published types leave out the options that every Emscripten factory takes. */
type GlslangFactory = (options: {
  print(line: string): void;
  printErr(line: string): void;
}) => PromiseLike<Glslang>;

/** What the compiler printed since the last look: it reports errors in no other way. */
const printed: string[] = [];
let loading: Promise<{ readonly glslang: Glslang }> | undefined;

/** Boxed, because the module is a thenable that would resolve with itself for ever. */
function loadGlslang(): Promise<{ readonly glslang: Glslang }> {
  loading ??= new Promise((resolve) => {
    const collect = (line: string) => void printed.push(line);
    const factory = createGlslang as unknown as GlslangFactory;
    factory({ print: collect, printErr: collect }).then((glslang) => resolve({ glslang }));
  });
  return loading;
}

/** Signs by the names that the compiler gives them in its messages. */
const SIGNS = new Map(
  Object.entries({
    LEFT_BRACE: "{",
    RIGHT_BRACE: "}",
    LEFT_PAREN: "(",
    RIGHT_PAREN: ")",
    LEFT_BRACKET: "[",
    RIGHT_BRACKET: "]",
    SEMICOLON: ";",
    COMMA: ",",
    DOT: ".",
    COLON: ":",
    EQUAL: "=",
    PLUS: "+",
    DASH: "-",
    STAR: "*",
    SLASH: "/",
    assign: "=",
  }),
);

/**
 * Translates a GLSL compute shader (`#version 310 es` and newer) into WGSL.
 * @throws MOC_SHADER_INVALID with the position in the GLSL text
 */
export async function translateGlsl(source: ShaderSource): Promise<string> {
  const spirv = compileToSpirv((await loadGlslang()).glslang, source);
  try {
    return keepReadonly(source.text, translate({ from: "spirv", to: "wgsl", source: spirv }));
  } catch (error) {
    if (!(error instanceof NagaError)) throw error;
    throw untranslatable(source, error);
  }
}

/** The translation drops `readonly` of buffers, which tells inputs from outputs. */
function keepReadonly(glsl: string, wgsl: string): string {
  const declarations = glsl.matchAll(/layout\s*\(([^)]*)\)\s*((?:\w+\s+)*?)buffer\b/g);
  let kept = wgsl;
  for (const [, layout = "", qualifiers = ""] of declarations) {
    const binding = /\bbinding\s*=\s*(\d+)/.exec(layout)?.[1];
    if (binding === undefined || !/\breadonly\b/.test(qualifiers)) continue;
    const variable = new RegExp(`(@binding\\(${binding}\\)\\s+var<storage), read_write>`);
    kept = kept.replace(variable, "$1, read>");
  }
  return kept;
}

function compileToSpirv(glslang: Glslang, source: ShaderSource): Uint32Array {
  printed.length = 0;
  try {
    return glslang.compileGLSL(source.text, "compute", false, "1.3");
  } catch (error) {
    throw compileError(source, printed, error);
  }
}

function compileError(source: ShaderSource, lines: readonly string[], cause: unknown): MocError {
  for (const printedLine of lines) {
    const found = /ERROR: \d+:(\d+): '(.*?)' :\s*(.*?)\s*$/.exec(printedLine);
    if (!found) continue;
    const line = Number(found[1]);
    const token = found[2] ?? "";
    const what = found[3] ?? "";
    const place = placeOf(source.text, line, token, what);
    const plain = what.replace(/\b[A-Z_]+\b/g, (name) =>
      SIGNS.has(name) ? `'${SIGNS.get(name)}'` : name,
    );
    const text = token === "" ? plain : `'${SIGNS.get(token) ?? token}': ${plain}`;
    return invalid(source, text, place, cause);
  }
  const general = lines.find((line) => line.startsWith("ERROR:"))?.slice("ERROR:".length);
  return invalid(source, general?.trim() ?? String(cause), { line: 1, column: 1 }, cause);
}

/** The compiler knows only the line; the token it complains of gives the column. */
function placeOf(text: string, line: number, token: string, what: string): Place {
  const unexpected = /unexpected (\w+)/.exec(what)?.[1] ?? "";
  const name = token || unexpected;
  const word = SIGNS.get(name) ?? (token || unexpected.toLowerCase());
  const content = text.split("\n")[line - 1] ?? "";
  const firstColumn = content.length - content.trimStart().length + 1;
  return { line, column: findInLine(text, line, word) ?? firstColumn };
}

/** Valid for the GLSL compiler, but WebGPU cannot express it. */
function untranslatable(source: ShaderSource, error: NagaError): MocError {
  const name = /['`]([A-Za-z_]\w*)(?:\(|['`])/.exec(error.formatted)?.[1];
  const place = (name && findFunction(source.text, name)) || findFunction(source.text, "main");
  const text = `cannot be translated for WebGPU: ${error.formatted.trim()}`;
  return invalid(source, text, place ?? { line: 1, column: 1 }, error);
}

/** A compile error at a place of the user's text. */
export function invalid(
  source: ShaderSource,
  text: string,
  place: Place,
  cause?: unknown,
): MocError {
  const position = { file: source.name, line: place.line, column: place.column };
  const where = `${source.name}:${place.line}:${place.column}`;
  return new MocError("MOC_SHADER_INVALID", `${where}: ${text}`, { position, cause });
}
