import { isThere } from "../name-there.ts";
import { withClient } from "../target.ts";
import { PLUG_OPTIONS, parseTags } from "../upload-file.ts";
import { defineVerb, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "plug",
  usage: "PATH NAME [START_FUNCTION] [DATA]",
  summary: "Let a function answer a path: /a/!name binds one segment, /a/*rest the remainder.",
  examples: ["moc plug /watchdog/update/!service watchdog addStatus"],
  operands: { min: 2, max: 4 },
  options: { ...TARGET_OPTIONS, ...PLUG_OPTIONS },
  async run({ operands: [path = "", name = "", start, data], options, terminal }) {
    const { method = "get", host } = options;
    const body = {
      method,
      path,
      name,
      tags: parseTags(options.tags),
      ...(start && { start_function: start }),
      ...(data && { data }),
      ...(host !== undefined && { host }),
    };
    return withClient(options, async (client) => {
      await client.call("plugFunction", { body });
      terminal.line(`plugged ${method} ${path} to '${name}'`);
      if (!(await isThere(client, name))) {
        terminal.note(`note: nothing is registered under '${name}' so far; "moc push" does that`);
      }
      return 0;
    });
  },
});
