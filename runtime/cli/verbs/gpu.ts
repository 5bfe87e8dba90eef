import type { GpuDescription } from "../../protocol/gpu.ts";
import { withClient } from "../target.ts";
import { defineVerb, JSON_OPTION, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "gpu",
  usage: "",
  summary: "Show what runs shaders: adapter, driver, limits, features; or why there is none.",
  details: ["Ends with 1 when nothing does. Another adapter: serve --gpu-adapter NAME."],
  operands: { min: 0, max: 0 },
  options: { ...TARGET_OPTIONS, ...JSON_OPTION },
  async run({ options, terminal }) {
    const { gpu } = await withClient(options, (client) => client.call("gpu"));
    const description = gpu as GpuDescription;
    if (options.json) terminal.json(description);
    else if (description.available) terminal.table(rowsOf(description));
    else terminal.note(description.reason);
    return description.available ? 0 : 1;
  },
});

function rowsOf(gpu: GpuDescription & { available: true }): string[][] {
  const others = gpu.adapters.filter((one) => one.name !== gpu.adapter);
  return [
    ["adapter", gpu.adapter],
    ["kind", gpu.software ? "software: it computes on the processor" : "hardware"],
    ["driver", [gpu.vendor, gpu.architecture, gpu.driver].filter(Boolean).join(", ")],
    ["backend", gpu.backend],
    ["chosen", gpu.chosen],
    ["also there", others.map(({ name, backend }) => `${name} (${backend})`).join(", ") || "none"],
    ["features", gpu.features.join(", ")],
    ...Object.entries(gpu.limits).map(([name, value]) => [name, value.toLocaleString("en")]),
  ];
}
