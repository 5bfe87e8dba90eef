/** Process entry of the MCP server: `node mcp.mjs DATA VERSION [FOLDER…]`, lines on stdin and stdout. */
import { sep } from "node:path";
import { createInterface } from "node:readline";
import { connect } from "../../devkit/client.ts";
import { answerLine } from "./mcp-server.ts";
import { runTool } from "./tools.ts";

const [dataFolder = "", version = "", ...folders] = process.argv.slice(2);

const lines = createInterface({ input: process.stdin });
lines.on("line", async (line) => {
  const answer = await answerLine(line, {
    version,
    run: async (tool, input) => {
      const client = await connect({ dataFolder });
      try {
        return await runTool(tool, { client, mayDeploy }, input);
      } finally {
        client.close();
      }
    },
  });
  if (answer !== undefined) process.stdout.write(`${answer}\n`);
});

function mayDeploy(folder: string): boolean {
  return folders.some((root) => folder === root || folder.startsWith(root + sep));
}
