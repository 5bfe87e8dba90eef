import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { findNodeAtLocation, type Node, parseTree } from "jsonc-parser";
import { MocError } from "../runtime/protocol/errors.ts";
import {
  SHADER_CONTENT_TYPES,
  type ShaderCheck,
  type ShaderCheckRequest,
  type ShaderLanguage,
  type ShaderProblem,
} from "../runtime/protocol/gpu.ts";
import type { BuildResult, BuildSuccess } from "./builders/builder.ts";
import { shaderSources } from "./builders/shader.ts";
import { mainSource } from "./builders/source.ts";
import { failure } from "./builders/tool-result.ts";
import type { Client } from "./client.ts";
import { type Diagnostic, formatDiagnostic } from "./diagnostic.ts";
import type { FunctionProject } from "./manifest.ts";

/** Says what is wrong with a shader; undefined: it cannot. */
export type ShaderChecker = (
  request: ShaderCheckRequest,
  signal?: AbortSignal,
) => Promise<ShaderCheck | undefined>;

/**
 * Has a shader checked by who can compile it; other artefacts, and shaders that nobody can check, stay
 * as they are.
 * @throws MocError of the runtime
 */
export async function checkShader(
  project: FunctionProject,
  build: BuildSuccess,
  checker: ShaderChecker,
  signal: AbortSignal | undefined,
): Promise<BuildResult> {
  const language = SHADER_CONTENT_TYPES[build.contentType];
  if (!language) return build;
  const start = performance.now();
  const check = await checker(requestFor(project, build.artifact, language), signal);
  if (!check) return build;
  const file = await sourceFile(project);
  const diagnostics = await diagnosticsOf(check, project, file);
  const toolVersion = check.compiledBy ?? "naga, without a GPU";
  const durationMs = build.durationMs + performance.now() - start;
  if (check.problems.some(({ severity }) => severity === "error")) {
    const output = diagnostics.map(formatDiagnostic).join("\n");
    return failure({ diagnostics, durationMs, toolVersion, output, file });
  }
  if (check.note) {
    diagnostics.push({ file, line: 1, column: 1, severity: "info", message: check.note });
  }
  return { ...build, diagnostics, toolVersion, durationMs };
}

/** @param find - asked when there is a shader to check */
export function checkedByRuntime(find: () => Promise<Client>): ShaderChecker {
  return async (request, signal) => askRuntime(await find(), request, signal);
}

function requestFor(
  { manifest }: FunctionProject,
  artifact: Uint8Array,
  language: ShaderLanguage,
): ShaderCheckRequest {
  const { name, shader, start, plugs = [] } = manifest;
  return {
    source: { name: `${name}.${language}`, language, text: new TextDecoder().decode(artifact) },
    declaration: shader,
    starts: plugs.map((plug) => plug.start ?? start ?? ""),
  };
}

/** Runtimes that said already that they cannot compile shaders. */
const TOLD = new WeakSet<Client>();

/** @returns undefined from a runtime that is older than the call */
async function askRuntime(
  client: Client,
  { source, declaration, starts }: ShaderCheckRequest,
  signal: AbortSignal | undefined,
): Promise<ShaderCheck | undefined> {
  const types = Object.entries(SHADER_CONTENT_TYPES);
  const [content_type = ""] = types.find(([, language]) => language === source.language) ?? [];
  const body = {
    content_type,
    source: source.text,
    name: source.name,
    ...(declaration !== undefined && { declaration: declaration as Record<string, unknown> }),
    starts,
  };
  try {
    const { note, ...check } = await client.call("checkShader", { body }, { signal });
    // Once is enough.
    if (note === undefined || TOLD.has(client)) return check;
    TOLD.add(client);
    return { ...check, note };
  } catch (error) {
    if (error instanceof MocError && error.code === "MOC_NOT_FOUND") return undefined;
    throw error;
  }
}

async function sourceFile(project: FunctionProject): Promise<string> {
  const { build, artifact } = project.manifest;
  const made = build?.output ?? artifact;
  return made === undefined ? mainSource(project, shaderSources) : resolve(project.folder, made);
}

async function diagnosticsOf(
  { problems }: ShaderCheck,
  project: FunctionProject,
  file: string,
): Promise<Diagnostic[]> {
  const text = await readFile(project.manifestFile, "utf8");
  return problems.map((problem) =>
    problem.declaration
      ? inManifest(problem, problem.declaration, project.manifestFile, text)
      : plain(problem, file, problem),
  );
}

function plain(
  { severity, message }: ShaderProblem,
  file: string,
  place: Pick<Diagnostic, "line" | "column">,
): Diagnostic {
  const { line, column } = place;
  return { file, line, column, severity, message, code: "MOC_SHADER_INVALID" };
}

/** At the field itself, or the nearest one around it that there is. */
function inManifest(
  problem: ShaderProblem,
  path: readonly string[],
  file: string,
  text: string,
): Diagnostic {
  const root = parseTree(text);
  let node: Node | undefined;
  const segments = ["shader", ...path].map((one) => (/^\d+$/.test(one) ? Number(one) : one));
  for (let length = segments.length; root && !node && length > 0; length--) {
    const found = findNodeAtLocation(root, segments.slice(0, length));
    // The name of the field, where it has one.
    node = found?.parent?.type === "property" ? found.parent.children?.[0] : found;
  }
  const before = text.slice(0, node?.offset ?? 0).split("\n");
  const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  return { ...plain(problem, file, place), code: "MOC_MANIFEST" };
}
