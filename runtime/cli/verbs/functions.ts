import { withClient } from "../target.ts";
import { defineVerb, JSON_OPTION, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "functions",
  usage: "",
  summary: "List the functions of the runtime with their plugs and figures.",
  operands: { min: 0, max: 0 },
  options: { ...TARGET_OPTIONS, ...JSON_OPTION },
  async run({ options, terminal }) {
    const { functions } = await withClient(options, (client) => client.call("functions"));
    if (options.json) {
      terminal.json(functions);
      return 0;
    }
    const heads = ["NAME", "REV", "LANGUAGE", "CALLS", "ERRORS", "P50", "PLUGS"];
    const rows = functions.map(({ name, revision, settings, calls, errors, p50Ms, plugs }) => [
      name,
      String(revision),
      settings.language ?? "",
      String(calls),
      String(errors),
      `${p50Ms.toFixed(1)} ms`,
      plugs.map(({ method, host, path }) => `${method} ${host}${path}`).join(", "),
    ]);
    terminal.table([heads.map((head) => terminal.style("dim", head)), ...rows]);
    return 0;
  },
});
