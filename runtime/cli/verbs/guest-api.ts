import { languagesOf, readBinding } from "../../../devkit/bindings.ts";
import { defineVerb, UsageError } from "../verb.ts";

export const verb = defineVerb({
  name: "guest-api",
  usage: "MODULE LANGUAGE",
  summary: "Print the bindings of a guest API module for a language, or its reference.",
  details: [
    "Modules: core, gpu, jwt, platform; environment (typescript alone).",
    "Languages: typescript (ts), c, c-syms, rust, go, assemblyscript (as), markdown (md).",
  ],
  examples: ["moc guest-api core c > core-api-guest.h", "moc guest-api gpu markdown | less"],
  operands: { min: 1, max: 2 },
  options: {},
  async run({ operands: [module = "", language], terminal }) {
    if (language === undefined) {
      const languages = await languagesOf(module);
      throw new UsageError(`in which language? ${module} is there in ${languages.join(", ")}`);
    }
    terminal.bytes(new TextEncoder().encode(await readBinding(module, language)));
    return 0;
  },
});
