import type { Plug } from "../../protocol/model.ts";
import { withClient } from "../target.ts";
import { defineVerb, JSON_OPTION, TARGET_OPTIONS } from "../verb.ts";

const PLUGS_SHOWN = 3;

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
      p50Ms === 0 ? "-" : `${p50Ms.toFixed(1)} ms`,
      plugList(plugs),
    ]);
    terminal.table([heads.map((head) => terminal.style("dim", head)), ...rows]);
    return 0;
  },
});

/** As many plugs as fit in a line; the platform's own functions have dozens. */
function plugList(plugs: readonly Plug[]): string {
  const shown = plugs
    .slice(0, PLUGS_SHOWN)
    .map(({ method, host, path }) => `${method} ${host}${path}`)
    .join(", ");
  const hidden = plugs.length - PLUGS_SHOWN;
  return hidden > 0 ? `${shown} and ${hidden} more` : shown;
}
