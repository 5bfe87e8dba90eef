import { deployAll, type FolderOutcome } from "../../../devkit/deploy-all.ts";
import { deployedJson, printDeployed, printFailure, printFolderError } from "../print-outcome.ts";
import { whileBuilding } from "../progress.ts";
import { withLiveClient } from "../target.ts";
import type { Terminal } from "../terminal.ts";
import { defineVerb, JSON_OPTION, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "deploy",
  usage: "[FOLDER]",
  summary: "Build and deploy the function in a folder, or all functions below it.",
  operands: { min: 0, max: 1 },
  options: {
    ...TARGET_OPTIONS,
    ...JSON_OPTION,
    force: { kind: "flag", doc: "also what is being debugged: its debug build is replaced" },
  },
  async run({ operands: [folder = "."], options, terminal }) {
    const outcomes = await withLiveClient(options, (client) =>
      whileBuilding(terminal, (building) =>
        deployAll(client, folder, {
          ...building,
          force: options.force,
          onOutcome: (one) => {
            // Scripts get all at the end; what went wrong is told at once in any case.
            if (!options.json || !isLive(one)) printOutcome(one, terminal);
          },
        }),
      ),
    );
    if (options.json) terminal.json(outcomes.map(outcomeJson));
    return outcomes.every(isLive) ? 0 : 1;
  },
});

function isLive(one: FolderOutcome): boolean {
  return "outcome" in one && one.outcome.ok;
}

function printOutcome(one: FolderOutcome, terminal: Terminal): void {
  if ("error" in one) printFolderError(one.folder, one.error, terminal);
  else if (one.outcome.ok) printDeployed(one.outcome, terminal);
  else printFailure(one.outcome, terminal);
}

function outcomeJson(one: FolderOutcome): object {
  return "error" in one
    ? { ok: false, folder: one.folder, error: one.error }
    : { folder: one.folder, ...deployedJson(one.outcome) };
}
