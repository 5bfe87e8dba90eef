import { contentTypeOf } from "../../../devkit/content-type.ts";
import { readOperandFile } from "../send-blob.ts";
import { withClient } from "../target.ts";
import { PLUG_OPTIONS, parseTags, uploadFile } from "../upload-file.ts";
import { defineVerb, JSON_OPTION, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "upload",
  usage: "PATH FILE [CONTENT_TYPE]",
  summary: "Serve a file at a path.",
  examples: ["moc upload /hello/index.html index.html"],
  operands: { min: 2, max: 3 },
  options: { ...TARGET_OPTIONS, ...PLUG_OPTIONS, ...JSON_OPTION },
  async run({ operands: [path = "", file = "", type], options, terminal }) {
    const { method = "get", host } = options;
    const tags = parseTags(options.tags);
    const bytes = await readOperandFile(file);
    const contentType = type ?? contentTypeOf(file);
    return withClient(options, async (client) => {
      const techID = await uploadFile(client, { path, bytes, contentType, method, host, tags });
      if (options.json) terminal.json({ path, content_type: contentType, tech_id: techID });
      else {
        terminal.line(
          `registered file '${file}' '${path}' content_type:${contentType} techID:${techID}`,
        );
      }
      return 0;
    });
  },
});
