import { confirm } from "../confirm.ts";
import { readOperandFile } from "../send-blob.ts";
import { withClient } from "../target.ts";
import { defineVerb, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "restore",
  usage: "FILE",
  summary: "Replace everything the runtime keeps by a backup.",
  details: ["The archive is checked whole before anything changes."],
  operands: { min: 1, max: 1 },
  options: { ...TARGET_OPTIONS, yes: { kind: "flag", doc: "do not ask" } },
  async run({ operands: [file = ""], options, terminal }) {
    const body = await readOperandFile(file);
    return withClient(options, async (client) => {
      if (!options.yes) {
        await confirm(`Replace everything at ${client.target.baseUrl}?`, terminal);
      }
      const { entries } = await client.call("restore", { body });
      terminal.line(`restored ${entries} entries from ${file}`);
      return 0;
    });
  },
});
