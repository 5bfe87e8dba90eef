import type { Client } from "../../../devkit/client.ts";
import { confirm } from "../confirm.ts";
import { withClient } from "../target.ts";
import { defineVerb, JSON_OPTION, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "gc",
  usage: "",
  summary: "Remove blobs that nothing refers to any more.",
  details: [
    "They are left by functions that were undeployed, and by what was pushed or uploaded again. (Files that a deploy replaced, and versions that are too many for a name to return to, go by themselves.)",
    "Kept is what a name, a version in its history, a plug or a filter refers to, and what was stored or asked for within the hour. A techID that only a client or a value of the key-value store remembers is no reference.",
  ],
  examples: ["moc gc --dry-run", "moc gc --yes"],
  operands: { min: 0, max: 0 },
  options: {
    ...TARGET_OPTIONS,
    ...JSON_OPTION,
    dryRun: { kind: "flag", doc: "only say what would go" },
    yes: { kind: "flag", doc: "do not ask" },
  },
  run({ options, terminal }) {
    return withClient(options, async (client) => {
      const found = await remove(client, true);
      const isDry = options.dryRun || found.blobs === 0;
      if (!isDry && !options.yes) {
        await confirm(`Remove ${amount(found)} at ${client.target.baseUrl}?`, terminal);
      }
      const { blobs, bytes } = isDry ? found : await remove(client, false);
      if (options.json) terminal.json({ blobs, bytes, removed: !isDry });
      else if (blobs === 0) terminal.line("nothing to remove");
      else terminal.line(`${isDry ? "would remove" : "removed"} ${amount({ blobs, bytes })}`);
      return 0;
    });
  },
});

interface Amount {
  readonly blobs: number;
  readonly bytes: number;
}

function remove(client: Client, isDry: boolean): Promise<Amount> {
  return client.call("removeUnusedBlobs", { body: { dry_run: isDry } });
}

function amount({ blobs, bytes }: Amount): string {
  const mebibytes = (bytes / 1024 / 1024).toFixed(1);
  return `${blobs} ${blobs === 1 ? "blob" : "blobs"}, ${mebibytes} MiB`;
}
