import { withClient } from "../target.ts";
import { defineVerb, TARGET_OPTIONS, UsageError } from "../verb.ts";

export const verb = defineVerb({
  name: "plug-filter",
  usage: "NAME [START_FUNCTION] [DATA]",
  summary: "Run a function before every plugged one; prints the id of the filter.",
  operands: { min: 1, max: 3 },
  options: {
    ...TARGET_OPTIONS,
    order: { kind: "value", value: "N", doc: "filters run in ascending order; default 0" },
  },
  async run({ operands: [name = "", start, data], options, terminal }) {
    const order = options.order === undefined ? undefined : Number(options.order);
    if (order !== undefined && !Number.isInteger(order)) {
      throw new UsageError("--order must be a whole number");
    }
    const body = {
      name,
      ...(start && { start_function: start }),
      ...(data && { data }),
      ...(order !== undefined && { order }),
    };
    return withClient(options, async (client) => {
      const { filter_id } = await client.call("plugFilter", { body });
      terminal.line(filter_id);
      return 0;
    });
  },
});
