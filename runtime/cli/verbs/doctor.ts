import { BUILDERS } from "../../../devkit/builders/list.ts";
import { findRuntime } from "../../../devkit/runtime-process.ts";
import { nearestDataFolder } from "../../../devkit/target.ts";
import { defineVerb, JSON_OPTION } from "../verb.ts";

export const verb = defineVerb({
  name: "doctor",
  usage: "",
  summary: "Check the compilers of every language, Node and the runtime; say what to install.",
  operands: { min: 0, max: 0 },
  options: JSON_OPTION,
  async run({ options, terminal }) {
    const languages = Object.values(BUILDERS).filter(({ defaultSources: [first] }) => first);
    const checks = await Promise.all(
      languages.map(async (builder) => ({
        language: builder.language,
        status: await builder.check(),
      })),
    );
    const instance = await findRuntime(await nearestDataFolder(process.cwd()));
    const node = process.versions.node;
    if (options.json) {
      terminal.json({ node, runtime: instance?.url, languages: checks });
      return 0;
    }
    const good = terminal.style("green", "ok");
    terminal.table([
      ...checks.map(({ language, status }) => [
        status.ok ? good : terminal.style("yellow", "missing"),
        language,
        status.ok ? status.tool : status.missing,
      ]),
      [good, "node", node],
      [instance ? good : "-", "runtime", instance?.url ?? "none is running here"],
    ]);
    for (const { language, status } of checks) {
      if (status.ok) continue;
      terminal.line();
      terminal.line(`For ${language}:`);
      for (const line of status.install.split("\n")) terminal.line(`  ${line}`);
    }
    return 0;
  },
});
