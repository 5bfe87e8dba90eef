import { VERSION } from "../../version.ts";
import { remoteAddress } from "../remote-address.ts";
import { defineVerb, JSON_OPTION, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "version",
  usage: "",
  summary: "Print the version, and the runtime that other verbs would talk with.",
  operands: { min: 0, max: 0 },
  options: { ...TARGET_OPTIONS, ...JSON_OPTION },
  async run({ options, terminal }) {
    const remote = await remoteAddress(options);
    if (options.json) terminal.json({ version: VERSION, remote });
    else {
      terminal.line("my-own-cluster");
      terminal.line(`Version: ${VERSION}`);
      terminal.line(`Remote: ${remote}`);
    }
    return 0;
  },
});
