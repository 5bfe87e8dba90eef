import { deployAll } from "../../../devkit/deploy-all.ts";
import { deployedJson, printDeployed, printFailure } from "../print-outcome.ts";
import { whileBuilding } from "../progress.ts";
import { withLiveClient } from "../target.ts";
import { defineVerb, JSON_OPTION, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "deploy",
  usage: "[FOLDER]",
  summary: "Build and deploy the function in a folder, or all functions below it.",
  operands: { min: 0, max: 1 },
  options: { ...TARGET_OPTIONS, ...JSON_OPTION },
  async run({ operands: [folder = "."], options, terminal }) {
    const outcomes = await withLiveClient(options, (client) =>
      whileBuilding(terminal, (building) => deployAll(client, folder, building)),
    );
    if (options.json) {
      terminal.json(
        outcomes.map((one) =>
          "error" in one
            ? { ok: false, folder: one.folder, error: one.error }
            : { folder: one.folder, ...deployedJson(one.outcome) },
        ),
      );
    }
    let failed = false;
    for (const one of outcomes) {
      if ("error" in one) {
        failed = true;
        const { message, code } = one.error;
        terminal.note(`${terminal.errorStyle("red", "error:")} ${message} [${code}]`);
      } else if (!one.outcome.ok) {
        failed = true;
        printFailure(one.outcome, terminal);
      } else if (!options.json) printDeployed(one.outcome, terminal);
    }
    return failed ? 1 : 0;
  },
});
