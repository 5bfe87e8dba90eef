import { rename, rm, writeFile } from "node:fs/promises";
import { MocError } from "../../protocol/errors.ts";
import { withClient } from "../target.ts";
import { defineVerb, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "backup",
  usage: "FILE",
  summary: "Save everything the runtime keeps as one tar.gz, while it goes on.",
  examples: ["moc backup before-the-update.tar.gz"],
  operands: { min: 1, max: 1 },
  options: TARGET_OPTIONS,
  async run({ operands: [file = ""], options, terminal }) {
    const { bytes } = await withClient(options, (client) => client.bytes("backup"));
    // A backup that was cut short must not pass for one, nor harm the one before.
    const half = `${file}.part`;
    try {
      await writeFile(half, bytes, { mode: 0o600 });
      await rename(half, file);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new MocError("MOC_BAD_REQUEST", `${file} cannot be written: ${reason}`, { cause });
    } finally {
      await rm(half, { force: true });
    }
    terminal.line(`${file}: ${bytes.length} bytes`);
    return 0;
  },
});
