import { closeBuilders } from "../../devkit/builders/list.ts";
import { Client } from "../../devkit/client.ts";
import { deployAll, type FolderOutcome } from "../../devkit/deploy-all.ts";
import { findFunctions } from "../../devkit/find-functions.ts";
import { sampleCommand } from "../../devkit/sample-command.ts";
import { readSamples } from "../../devkit/samples.ts";
import type { InstanceFile } from "../protocol/model.ts";
import type { Terminal } from "./terminal.ts";

/** Deploys the functions of a folder to the runtime that just started, and says what to try. */
export async function serveSamples(
  instance: InstanceFile,
  folder: string,
  terminal: Terminal,
): Promise<void> {
  const { url: baseUrl, token, certificate } = instance;
  const client = new Client({ baseUrl, token, certificate });
  try {
    const onProgress = (message: string): void => terminal.progress(message);
    const outcomes = await deployAll(client, folder, { onProgress });
    for (const one of outcomes) reportFailure(one, terminal);
    await printCommands(client, folder, outcomes, terminal);
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

async function printCommands(
  client: Client,
  folder: string,
  outcomes: readonly FolderOutcome[],
  terminal: Terminal,
): Promise<void> {
  const live = new Set(
    outcomes.flatMap((one) => ("outcome" in one && one.outcome.ok ? [one.folder] : [])),
  );
  const { projects } = await findFunctions(folder);
  const rows: string[][] = [];
  for (const project of projects.filter((one) => live.has(one.folder))) {
    const [sample] = await readSamples(project);
    const command = sampleCommand(client.target.baseUrl, project, sample?.sample);
    rows.push([`  ${project.manifest.name}`, command]);
  }
  terminal.line(terminal.style("bold", "Try"));
  terminal.table(rows);
  terminal.line();
}
