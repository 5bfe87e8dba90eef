import createGlslang from "@webgpu/glslang";
import { NagaError, translate } from "naga-wasm";
import type { ShaderProblem, ShaderSource } from "../protocol/gpu.ts";
import { problemAt } from "./shader-problem.ts";
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

type Translation =
  | { readonly wgsl: string }
  /** Their places are in the GLSL text. */
  | { readonly problems: readonly ShaderProblem[] };

/** Translates a GLSL compute shader (`#version 310 es` and newer) into WGSL. */
export async function translateGlsl({ text }: ShaderSource): Promise<Translation> {
  const spirv = compileToSpirv((await loadGlslang()).glslang, text);
  if ("problems" in spirv) return spirv;
  try {
    const wgsl = translate({ from: "spirv", to: "wgsl", source: spirv.words });
    return { wgsl: keepReadonly(text, wgsl) };
  } catch (error) {
    if (!(error instanceof NagaError)) throw error;
    return { problems: [untranslatable(text, error)] };
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

function compileToSpirv(
  glslang: Glslang,
  text: string,
): { readonly words: Uint32Array } | { readonly problems: readonly ShaderProblem[] } {
  printed.length = 0;
  try {
    return { words: glslang.compileGLSL(text, "compute", false, "1.3") };
  } catch (error) {
    const found = printed.flatMap((line) => printedProblem(text, line) ?? []);
    // What else is said of a line follows from the first.
    const lines = new Map(found.reverse().map((problem) => [problem.line, problem]));
    if (found.length > 0) return { problems: [...lines.values()].sort((a, b) => a.line - b.line) };
    const general = printed.find((line) => line.startsWith("ERROR:"))?.slice("ERROR:".length);
    return { problems: [problemAt(undefined, general?.trim() ?? String(error))] };
  }
}

function printedProblem(text: string, printedLine: string): ShaderProblem | undefined {
  const found = /ERROR: \d+:(\d+): '(.*?)' :\s*(.*?)\s*$/.exec(printedLine);
  if (!found) return undefined;
  const [, line, token = "", what = ""] = found;
  const place = placeOf(text, Number(line), token, what);
  const plain = what.replace(/\b[A-Z_]+\b/g, (name) =>
    SIGNS.has(name) ? `'${SIGNS.get(name)}'` : name,
  );
  return problemAt(place, token === "" ? plain : `'${SIGNS.get(token) ?? token}': ${plain}`);
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
function untranslatable(text: string, error: NagaError): ShaderProblem {
  const name = /['`]([A-Za-z_]\w*)(?:\(|['`])/.exec(error.formatted)?.[1];
  const place = (name && findFunction(text, name)) || findFunction(text, "main");
  return problemAt(place, `cannot be translated for WebGPU: ${error.formatted.trim()}`);
}
