import { rollback } from "../../../devkit/deploy.ts";
import { MocError } from "../../protocol/errors.ts";
import type { NameVersion } from "../../protocol/model.ts";
import { functionName } from "../function-name.ts";
import { printProblem } from "../print-outcome.ts";
import { withClient } from "../target.ts";
import { defineVerb, JSON_OPTION, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "rollback",
  usage: "[NAME] [VERSION]",
  summary: "Return to an earlier version of a function; default: the one before.",
  details: ["VERSION: the first digits of its techID; --list shows them."],
  operands: { min: 0, max: 2 },
  options: {
    ...TARGET_OPTIONS,
    list: { kind: "flag", doc: "only list the versions, newest first" },
    ...JSON_OPTION,
  },
  async run({ operands: [given, version], options, terminal }) {
    const name = await functionName(given);
    return withClient(options, async (client) => {
      if (options.list || version !== undefined) {
        const { history } = (await client.call("name", { path: { name } })).name;
        if (options.list) {
          if (options.json) terminal.json(history);
          else terminal.table(history.map(versionRow));
          return 0;
        }
        version = wholeTechID(history, version ?? "");
      }
      const answer = await rollback(client, name, version);
      if (options.json) terminal.json(answer);
      else if (answer.changed.length === 0) terminal.line("nothing changed");
      else for (const line of answer.changed) terminal.line(line);
      const { problem } = answer;
      if (problem) terminal.note(`${terminal.errorStyle("red", "error:")} ${problem.message}`);
      printProblem(answer, terminal);
      return 0;
    });
  },
});

function versionRow({ techID, at }: NameVersion, index: number): string[] {
  return [techID.slice(0, 12), new Date(at).toISOString(), index === 0 ? "live" : ""];
}

function wholeTechID(history: readonly NameVersion[], start: string): string {
  const found = new Set(history.map(({ techID }) => techID).filter((id) => id.startsWith(start)));
  const [techID] = found;
  if (techID !== undefined && found.size === 1) return techID;
  throw new MocError(
    "MOC_NOT_FOUND",
    found.size === 0
      ? `No version begins with "${start}": see "moc rollback --list".`
      : `${found.size} versions begin with "${start}": give more digits.`,
  );
}
