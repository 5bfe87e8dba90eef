import { contentTypeOf } from "../../../devkit/content-type.ts";
import { readOperandFile, sendBlob } from "../send-blob.ts";
import { withClient } from "../target.ts";
import { defineVerb, JSON_OPTION, TARGET_OPTIONS, UsageError } from "../verb.ts";

export const verb = defineVerb({
  name: "push",
  usage: "NAME FILE [CONTENT_TYPE]",
  summary: "Send a file and let a name point at it: a wasm module, a script, a shader.",
  examples: ["moc push uppercase uppercase.wasm"],
  operands: { min: 2, max: 3 },
  options: { ...TARGET_OPTIONS, ...JSON_OPTION },
  async run({ operands: [name = "", file = "", type], options, terminal }) {
    if (name === "") throw new UsageError("NAME is empty");
    const bytes = await readOperandFile(file);
    const contentType = type ?? contentTypeOf(file);
    return withClient(options, async (client) => {
      const techID = await sendBlob(client, { bytes, contentType, name });
      const { length: size } = bytes;
      if (options.json) terminal.json({ name, content_type: contentType, size, tech_id: techID });
      else {
        const { baseUrl } = client.target;
        terminal.line(
          `[${baseUrl}] registered blob '${name}' content_type:${contentType} size:${size} techID:${techID}`,
        );
      }
      return 0;
    });
  },
});
