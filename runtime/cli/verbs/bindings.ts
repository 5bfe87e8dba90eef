import { relative } from "node:path";
import { refreshBindings } from "../../../devkit/bindings.ts";
import { defineVerb, JSON_OPTION } from "../verb.ts";

export const verb = defineVerb({
  name: "bindings",
  usage: "[FOLDER]",
  summary: "Bring the guest bindings in a function's folder up to date.",
  operands: { min: 0, max: 1 },
  options: JSON_OPTION,
  async run({ operands: [folder = "."], options, terminal }) {
    const changed = await refreshBindings(folder);
    if (options.json) terminal.json(changed);
    else if (changed.length === 0) terminal.line("all bindings are up to date");
    else for (const file of changed) terminal.line(`updated ${relative(process.cwd(), file)}`);
    return 0;
  },
});
