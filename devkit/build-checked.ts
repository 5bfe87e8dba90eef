import type { BuildCache } from "./build-cache.ts";
import type { BuildOptions, BuildResult } from "./builders/builder.ts";
import { builderFor } from "./builders/list.ts";
import { fewDiagnostics } from "./builders/tool-result.ts";
import { checkedByRuntime, checkShader, type ShaderChecker } from "./check-shader.ts";
import { checkStart } from "./check-start.ts";
import type { Client } from "./client.ts";
import type { FunctionProject } from "./manifest.ts";

/** How a function is built for a runtime. */
export interface BuildForOptions extends BuildOptions {
  /** Takes artefacts of earlier builds where nothing has changed. */
  readonly cache?: BuildCache;
}

/**
 * Builds for one runtime: what only the runtime can compile (shaders, for its GPU) is compiled there
 * before anything is deployed, so that errors are those of a build.
 * @throws as Builder.build, and MocError of the runtime
 */
export async function buildFor(
  client: Client,
  project: FunctionProject,
  options: BuildForOptions = {},
): Promise<BuildResult> {
  return buildChecked(
    project,
    checkedByRuntime(async () => client),
    options,
  );
}

/**
 * Builds, and looks at the artefact for what would fail at each call: a start function that is not
 * there, and what is wrong with a shader, which its builder leaves as it is.
 */
export async function buildChecked(
  project: FunctionProject,
  checker: ShaderChecker,
  options: BuildForOptions = {},
): Promise<BuildResult> {
  const builder = options.cache ?? builderFor(project);
  const build = await builder.build(project, options);
  if (!build.ok) return build;
  const diagnostics = fewDiagnostics(build.diagnostics);
  const started = await checkStart(project, { ...build, diagnostics });
  return started.ok ? checkShader(project, started, checker, options.signal) : started;
}
