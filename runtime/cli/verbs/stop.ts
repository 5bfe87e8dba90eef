import { withClient } from "../target.ts";
import { defineVerb, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "stop",
  usage: "",
  summary: "Stop the runtime; running calls finish first.",
  operands: { min: 0, max: 0 },
  options: TARGET_OPTIONS,
  async run({ options, terminal }) {
    await withClient(options, async (client) => {
      await client.call("stop");
      terminal.line(`${client.target.baseUrl} is stopping`);
    });
    return 0;
  },
});
