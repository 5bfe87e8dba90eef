import { type BindingLanguage, functionsOf, origin } from "./binding-language.ts";
import { rawName } from "./c-names.ts";

/** Names for `wasm-ld --allow-undefined-file`, which ignores lines that start with `#`. */
export const cSyms: BindingLanguage = {
  id: "c-syms",
  aliases: ["syms"],
  title: "C, linker symbols",
  fileName: (module) => `${module.name}-api-guest.syms`,
  print: (module) =>
    [
      `# ${origin("c-syms.ts", module)}`,
      ...functionsOf(module).map(([name]) => rawName(module, name)),
      "",
    ].join("\n"),
};
