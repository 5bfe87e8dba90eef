import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MocError } from "../runtime/protocol/errors.ts";
import type { Builder, BuildOptions, ToolchainStatus } from "./builders/builder.ts";
import { builderFor } from "./builders/list.ts";
import { missingParts } from "./builders/tool-result.ts";
import { readProject } from "./manifest.ts";
import { createFunction, listTemplates, type Template } from "./templates.ts";

/** Whether functions in a language can be built here. */
export interface CheckedToolchain {
  readonly language: string;
  readonly status: ToolchainStatus;
  /** Time to build the language's template; absent when it was not built. */
  readonly buildMs?: number;
}

const OUTPUT_LINES_MAX = 5;

/**
 * Checks a language's tools by building what `moc new` makes of its template, for a compiler that is
 * there may lack its linker or its library. Nothing is fetched for it.
 * @throws MocError MOC_CANCELLED
 */
export async function checkToolchain(
  builder: Builder,
  options: BuildOptions = {},
): Promise<CheckedToolchain> {
  const { language } = builder;
  const status = await builder.check();
  const template = status.ok && !status.onDemand ? await templateOf(language) : undefined;
  if (!template) return { language, status };
  const folder = await mkdtemp(join(tmpdir(), "moc-doctor-"));
  try {
    options.onProgress?.(`building a small function in ${language} …`);
    return { language, ...(await tryTemplate(template, join(folder, "try"), status, options)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function templateOf(language: string): Promise<Template | undefined> {
  const templates = (await listTemplates()).filter((one) => one.language === language);
  return templates.find(({ id }) => id === language) ?? templates[0];
}

async function tryTemplate(
  template: Template,
  folder: string,
  status: ToolchainStatus,
  options: BuildOptions,
): Promise<Omit<CheckedToolchain, "language">> {
  const { tool } = status;
  try {
    await createFunction({ template, name: "try", folder });
    const project = await readProject(folder);
    const build = await builderFor(project).build(project, options);
    if (build.ok) return { status, buildMs: build.durationMs };
    const reason = build.diagnostics.find(({ severity }) => severity === "error")?.message ?? "";
    const missing = `${tool} is here, but cannot build the template: ${firstLine(reason)}`;
    const said = build.output.split("\n").slice(0, OUTPUT_LINES_MAX).join("\n");
    return { status: { ok: false, tool, missing, install: `Install it anew. It said:\n${said}` } };
  } catch (error) {
    if (!(error instanceof MocError) || error.code === "MOC_CANCELLED") throw error;
    return { status: { ok: false, tool, ...missingParts(error) } };
  }
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
