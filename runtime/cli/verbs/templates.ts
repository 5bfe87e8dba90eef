import { byId, listTemplates } from "../../../devkit/templates.ts";
import { defineVerb, JSON_OPTION } from "../verb.ts";

export const verb = defineVerb({
  name: "templates",
  usage: "",
  summary: 'List the templates that "moc new" knows.',
  operands: { min: 0, max: 0 },
  options: JSON_OPTION,
  async run({ options, terminal }) {
    const templates = byId(await listTemplates());
    if (options.json) {
      terminal.json(
        templates.map(({ id, title, description, language, variables }) => {
          return { id, title, description, language, variables };
        }),
      );
    } else {
      terminal.table(
        templates.map(({ id, language, description }) => [
          terminal.style("bold", id),
          language,
          description,
        ]),
      );
    }
    return 0;
  },
});
