import { createInterface } from "node:readline/promises";
import { readOperandFile } from "../send-blob.ts";
import { withClient } from "../target.ts";
import type { Terminal } from "../terminal.ts";
import { defineVerb, TARGET_OPTIONS, UsageError } from "../verb.ts";

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
      if (!options.yes) await confirm(client.target.baseUrl, terminal);
      const { entries } = await client.call("restore", { body });
      terminal.line(`restored ${entries} entries from ${file}`);
      return 0;
    });
  },
});

async function confirm(baseUrl: string, terminal: Terminal): Promise<void> {
  if (!terminal.isInteractive)
    throw new UsageError("give --yes to replace everything without asking");
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await reader.question(`Replace everything at ${baseUrl}? (yes/no): `);
    if (answer.trim().toLowerCase() !== "yes") throw new UsageError("nothing was changed");
  } finally {
    reader.close();
  }
}
