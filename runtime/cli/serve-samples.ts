import { closeBuilders } from "../../devkit/builders/list.ts";
import { Client } from "../../devkit/client.ts";
import { deployAll, type FolderOutcome } from "../../devkit/deploy-all.ts";
import { findFunctions } from "../../devkit/find-functions.ts";
import type { InstanceFile } from "../protocol/model.ts";
import { printHighlights } from "./print-highlights.ts";
import type { Terminal } from "./terminal.ts";

/** Deploys the functions of a folder to the runtime that just started, and says what to try. */
export async function serveSamples(
  instance: InstanceFile,
  samples: { readonly folder: string; readonly certificateFile: string },
  terminal: Terminal,
): Promise<void> {
  const { folder } = samples;
  const { url: baseUrl, token, certificate } = instance;
  const client = new Client({ baseUrl, token, certificate });
  try {
    terminal.note(`Listening at ${baseUrl}; building and deploying the functions in ${folder} …`);
    const onProgress = (message: string): void => terminal.progress(message);
    const outcomes = await deployAll(client, folder, { onProgress });
    for (const one of outcomes) reportFailure(one, terminal);
    const live = new Set(
      outcomes.flatMap((one) => ("outcome" in one && one.outcome.ok ? [one.folder] : [])),
    );
    const { projects } = await findFunctions(folder);
    const isLive = projects.filter((one) => live.has(one.folder));
    await printHighlights(instance, samples, isLive, terminal);
  } finally {
    client.close();
    await closeBuilders();
  }
}

function reportFailure(one: FolderOutcome, terminal: Terminal): void {
  if ("error" in one) {
    terminal.note(`${one.folder}: ${one.error.message} [${one.error.code}]`);
  } else if (!one.outcome.ok) {
    terminal.note(`${one.outcome.name} does not compile:`);
    for (const diagnostic of one.outcome.build.diagnostics) terminal.diagnostic(diagnostic);
  }
}
