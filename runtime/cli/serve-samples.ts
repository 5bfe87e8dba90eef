import { join } from "node:path";
import { BuildCache } from "../../devkit/build-cache.ts";
import { closeBuilders } from "../../devkit/builders/list.ts";
import { cacheFolder } from "../../devkit/cache-folder.ts";
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
  const cache = new BuildCache(join(cacheFolder(), "builds"));
  try {
    terminal.note(`Listening at ${baseUrl}; building and deploying the functions in ${folder} …`);
    const outcomes = await deployAll(client, folder, {
      cache,
      onProgress: (message) => terminal.progress(message),
      onOutcome: (one) => reportFailure(one, terminal),
    });
    const live = new Set(
      outcomes.flatMap((one) => ("outcome" in one && one.outcome.ok ? [one.folder] : [])),
    );
    const { projects } = await findFunctions(folder);
    const isLive = projects.filter((one) => live.has(one.folder));
    await printHighlights(instance, samples, isLive, terminal);
    terminal.line(terminal.style("dim", summaryOf(cache)));
    terminal.line();
    await cache.prune();
  } finally {
    client.close();
    await closeBuilders();
  }
}

/** How long the start took, from that of the process, and what for. */
function summaryOf({ counts: { builds, hits } }: BuildCache): string {
  const reused = hits === 0 ? "" : `, ${hits} taken from earlier builds`;
  return `Started in ${(performance.now() / 1000).toFixed(1)} s: ${builds} functions built${reused}.`;
}

function reportFailure(one: FolderOutcome, terminal: Terminal): void {
  if ("error" in one) {
    terminal.note(`${one.folder}: ${one.error.message} [${one.error.code}]`);
  } else if (!one.outcome.ok) {
    terminal.note(`${one.outcome.name} does not compile:`);
    for (const diagnostic of one.outcome.build.diagnostics) terminal.diagnostic(diagnostic);
  }
}
