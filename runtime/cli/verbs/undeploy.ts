import { undeploy } from "../../../devkit/deploy.ts";
import { functionName } from "../function-name.ts";
import { withClient } from "../target.ts";
import { defineVerb, JSON_OPTION, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "undeploy",
  usage: "[NAME]",
  summary: "Take a function off the runtime, with its plugs, files and filters.",
  details: ["NAME: default: the function in this folder."],
  operands: { min: 0, max: 1 },
  options: { ...TARGET_OPTIONS, ...JSON_OPTION },
  async run({ operands: [given], options, terminal }) {
    const name = await functionName(given);
    const changed = await withClient(options, (client) => undeploy(client, name));
    if (options.json) terminal.json({ name, changed });
    else for (const line of changed) terminal.line(line);
    return 0;
  },
});
