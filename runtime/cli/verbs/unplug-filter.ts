import { withClient } from "../target.ts";
import { defineVerb, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "unplug-filter",
  usage: "FILTER_ID",
  summary: "Remove a filter by the id that plug-filter printed.",
  operands: { min: 1, max: 1 },
  options: TARGET_OPTIONS,
  async run({ operands: [id = ""], options, terminal }) {
    return withClient(options, async (client) => {
      const { removed } = await client.call("unplugFilter", { path: { "filter-id": id } });
      if (removed === false) {
        terminal.note(`there is no filter ${id}`);
        return 1;
      }
      terminal.line("ok, deleted");
      return 0;
    });
  },
});
