/** Process entry of the MCP server: `node mcp.mjs DATA VERSION [FOLDER…]`, lines on stdin and stdout. */
import { createInterface } from "node:readline";
import { closeBuilders } from "../../devkit/builders/list.ts";
import { connect } from "../../devkit/client.ts";
import { answerLine } from "./mcp-server.ts";
import { isInside } from "./open-folders.ts";
import { runTool } from "./tools.ts";

const [dataFolder = "", version = "", ...folders] = process.argv.slice(2);

const lines = createInterface({ input: process.stdin });
const pending = new Set<Promise<void>>();
lines.on("line", (line) => {
  const answered: Promise<void> = answer(line).finally(() => pending.delete(answered));
  pending.add(answered);
});
// The client is gone: compilers that a deploy started must not keep this process.
lines.on("close", async () => {
  await Promise.all(pending);
  await closeBuilders();
});

async function answer(line: string): Promise<void> {
  const text = await answerLine(line, {
    version,
    run: async (tool, input) => {
      const client = await connect({ dataFolder });
      const mayDeploy = (folder: string): boolean => isInside(folders, folder);
      try {
        return await runTool(tool, { client, mayDeploy }, input);
      } finally {
        client.close();
      }
    },
  });
  if (text !== undefined) process.stdout.write(`${text}\n`);
}
