import type { LogLine } from "../../protocol/model.ts";
import { isThere } from "../name-there.ts";
import { printLog } from "../print-log.ts";
import { withClient } from "../target.ts";
import { defineVerb, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "logs",
  usage: "[NAME]",
  summary: "Show the log, of one function or of all.",
  operands: { min: 0, max: 1 },
  options: {
    ...TARGET_OPTIONS,
    follow: { kind: "flag", doc: "go on with new lines as they come" },
    f: { kind: "flag", doc: "the same as --follow" },
    level: { kind: "value", value: "LEVEL", doc: "debug, info, warn or error, and above" },
    call: { kind: "value", value: "ID", doc: "only this call's lines" },
    limit: { kind: "value", value: "N", doc: "lines at most, default 200" },
    json: { kind: "flag", doc: "print each line as JSON" },
  },
  async run({ operands: [name], options, terminal }) {
    const print = (line: LogLine): void => {
      if (options.json) terminal.line(JSON.stringify(line));
      else printLog(line, terminal);
    };
    const query = {
      ...(name !== undefined && { function: name }),
      ...(options.level !== undefined && { level: options.level }),
      ...(options.call !== undefined && { call: Number(options.call) }),
      ...(options.limit !== undefined && { limit: Number(options.limit) }),
    };
    return withClient(options, async (client) => {
      const { lines } = await client.call("logs", { query });
      for (const line of lines) print(line);
      if (name !== undefined && lines.length === 0 && !(await isThere(client, name))) {
        terminal.note(
          `note: there is no function '${name}'; "moc functions" lists those there are`,
        );
      }
      if (!options.follow && !options.f) return 0;
      const shown = lines.at(-1)?.seq ?? -1;
      const filter = name === undefined ? {} : { function: name };
      for await (const event of client.events({ kinds: ["log"], ...filter })) {
        if (event.kind === "log" && event.line.seq > shown) print(event.line);
      }
      return 0;
    });
  },
});
