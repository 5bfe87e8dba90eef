import { readBinding } from "../../../devkit/bindings.ts";
import { defineVerb } from "../verb.ts";

export const verb = defineVerb({
  name: "guest-api",
  usage: "MODULE LANGUAGE",
  summary: "Print the bindings of a guest API module (core, gpu, jwt) for a language.",
  details: ["Languages: typescript (ts), c, c-syms, rust, go, assemblyscript."],
  examples: ["moc guest-api core c > core-api-guest.h"],
  operands: { min: 2, max: 2 },
  options: {},
  async run({ operands: [module = "", language = ""], terminal }) {
    terminal.bytes(new TextEncoder().encode(await readBinding(module, language)));
    return 0;
  },
});
