import { withClient } from "../target.ts";
import { defineVerb, JSON_OPTION, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "gpu",
  usage: "",
  summary: "Show what runs shaders: adapter, driver, limits, features; or why there is none.",
  operands: { min: 0, max: 0 },
  options: { ...TARGET_OPTIONS, ...JSON_OPTION },
  async run({ options, terminal }) {
    const { gpu } = await withClient(options, (client) => client.call("gpu"));
    if (options.json || typeof gpu !== "object" || gpu === null) terminal.json(gpu);
    else terminal.table(Object.entries(gpu).map(([name, value]) => [name, plain(value)]));
    return 0;
  },
});

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
