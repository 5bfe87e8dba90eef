import { withClient } from "../target.ts";
import { PLUG_OPTIONS } from "../upload-file.ts";
import { defineVerb, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "unplug",
  usage: "PATH",
  summary: "Remove what answers a path, function or file.",
  operands: { min: 1, max: 1 },
  options: { ...TARGET_OPTIONS, method: PLUG_OPTIONS.method, host: PLUG_OPTIONS.host },
  async run({ operands: [path = ""], options, terminal }) {
    const { method = "get", host } = options;
    const body = { method, path, ...(host !== undefined && { host }) };
    return withClient(options, async (client) => {
      const { removed } = await client.call("unplug", { body });
      if (removed === false) {
        terminal.note(`nothing was plugged on ${method} ${path}`);
        return 1;
      }
      terminal.line(`unplugged ${method} ${path}`);
      return 0;
    });
  },
});
