import { withClient } from "../target.ts";
import { defineVerb, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "export-database",
  usage: "",
  summary: 'Print the whole database as JSON; "moc backup" makes an archive that can be restored.',
  operands: { min: 0, max: 0 },
  options: TARGET_OPTIONS,
  async run({ options, terminal }) {
    return withClient(options, async (client) => {
      const { bytes } = await client.bytes("exportDatabase");
      terminal.bytes(bytes);
      terminal.line();
      return 0;
    });
  },
});
