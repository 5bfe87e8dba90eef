import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { contentTypeOf } from "../../../devkit/content-type.ts";
import { patternSegment } from "../../../devkit/published-files.ts";
import { whyUnreadable } from "../../../devkit/why-unreadable.ts";
import { MocError } from "../../protocol/errors.ts";
import { readOperandFile } from "../send-blob.ts";
import { withClient } from "../target.ts";
import { PLUG_OPTIONS, parseTags, uploadFile } from "../upload-file.ts";
import { defineVerb, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "upload-dir",
  usage: "PATH FOLDER",
  summary: "Serve all files of a folder below a path.",
  examples: ["moc upload-dir /site public"],
  operands: { min: 2, max: 2 },
  options: { ...TARGET_OPTIONS, ...PLUG_OPTIONS },
  async run({ operands: [path = "", folder = ""], options, terminal }) {
    const { method = "get", host } = options;
    const tags = parseTags(options.tags);
    const files = await filesBelow(folder);
    return withClient(options, async (client) => {
      let errors = 0;
      for (const file of files) {
        const url = urlPath(path, relative(folder, file));
        terminal.line(`${file}  =>  ${url}`);
        try {
          const bytes = await readOperandFile(file);
          const contentType = contentTypeOf(file);
          await uploadFile(client, { path: url, bytes, contentType, method, host, tags });
        } catch (error) {
          const known = MocError.from(error);
          if (known.code === "MOC_UNREACHABLE" || known.code === "MOC_UNAUTHORIZED") throw known;
          terminal.note(` error while uploading ${file} to ${url} (${known.message})`);
          errors++;
        }
      }
      terminal.line(`uploaded ${files.length - errors} files (${errors} errors).`);
      return errors > 0 ? 1 : 0;
    });
  },
});

async function filesBelow(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map((entry) => join(entry.parentPath, entry.name)).sort();
  } catch (error) {
    throw new MocError("MOC_NOT_FOUND", `The folder ${folder} ${whyUnreadable(error)}.`);
  }
}

function urlPath(prefix: string, file: string): string {
  const segments = file.split(/[\\/]/).map(patternSegment);
  return `${prefix.replace(/\/+$/, "")}/${segments.join("/")}`;
}
