import { remoteAddress } from "../remote-address.ts";
import { defineVerb, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "remote",
  usage: "",
  summary: "Print the address that other verbs would talk with.",
  operands: { min: 0, max: 0 },
  options: TARGET_OPTIONS,
  async run({ options, terminal }) {
    terminal.line(await remoteAddress(options));
    return 0;
  },
});
