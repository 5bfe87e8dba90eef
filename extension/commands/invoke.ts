import { dirname, join } from "node:path";
import { Uri } from "vscode";
import { readSamples } from "../../devkit/samples.ts";
import type { Plug } from "../../runtime/protocol/model.ts";
import type { Parts } from "../parts.ts";
import type { RequestStart } from "../request/request-panel.ts";
import { functionOf } from "./pick-function.ts";

/** Invoke with Sample Input…: opens the request editor of a function, prefilled. */
export async function invokeCommand(parts: Parts, argument: unknown): Promise<void> {
  const item = await functionOf(parts, argument);
  if (!item) return;
  await (await parts.requests.get()).open(item, startOf(argument));
}

/** Invoke Sample (over a sample file, and on its line): opens the request editor with it, and sends. */
export async function invokeSampleCommand(parts: Parts, argument: unknown): Promise<void> {
  const { sample } = (argument ?? {}) as { readonly sample?: { readonly file?: unknown } };
  const file = typeof argument === "string" ? argument : sample?.file;
  if (typeof file !== "string") return;
  const project = parts.projects.containing(file);
  const item = project && parts.items().find(({ name }) => name === project.manifest.name);
  if (item) await (await parts.requests.get()).open(item, { sample: file, send: true });
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
  if (argument.kind !== "plug") return {};
  // Lines of the Functions view have the plug's fields, those of Plugs and Filters the plug itself.
  const plug = ("plug" in argument ? argument.plug : argument) as Partial<Plug>;
  return { plug: { method: String(plug.method), path: String(plug.path) } };
}
