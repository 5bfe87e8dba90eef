import { dirname, join } from "node:path";
import { Uri } from "vscode";
import { readSamples } from "../../devkit/samples.ts";
import type { Parts } from "../parts.ts";
import type { RequestStart } from "../request/request-panel.ts";
import { functionOf } from "./pick-function.ts";

/** Invoke with Sample Input…: opens the request editor of a function, prefilled. */
export async function invokeCommand(parts: Parts, argument: unknown): Promise<void> {
  const item = await functionOf(parts, argument);
  if (!item) return;
  await parts.requests.open(item, startOf(argument));
}

/** Invoke Sample (over a sample file): opens the request editor with it, and sends. */
export async function invokeSampleCommand(parts: Parts, argument: unknown): Promise<void> {
  if (typeof argument !== "string") return;
  const project = parts.projects.containing(argument);
  const item = project && parts.items().find(({ name }) => name === project.manifest.name);
  if (item) await parts.requests.open(item, { sample: argument, send: true });
}

/** Name of a sample file that does not exist yet, in a function's folder. */
export async function freeSampleFile(parts: Parts, name: string): Promise<string | undefined> {
  const project = parts.projects.named(name);
  if (!project) return undefined;
  const taken = new Set((await readSamples(project)).map(({ file }) => file));
  const folder = join(project.folder, "samples");
  for (let count = 1; ; count++) {
    const file = join(folder, `sample-${count}.json`);
    if (!taken.has(file)) return file;
  }
}

function startOf(argument: unknown): RequestStart {
  if (argument instanceof Uri) {
    const isSample = dirname(argument.fsPath).endsWith("samples");
    return isSample ? { sample: argument.fsPath } : {};
  }
  if (typeof argument !== "object" || argument === null || !("kind" in argument)) return {};
  if (argument.kind === "plug" && "method" in argument && "path" in argument) {
    return { plug: { method: String(argument.method), path: String(argument.path) } };
  }
  return {};
}
