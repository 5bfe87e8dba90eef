/** Process entry of the MCP server: `node mcp.mjs DATA VERSION [FOLDER…]`, lines on stdin and stdout. */
import { createInterface } from "node:readline";
import { closeBuilders } from "../../devkit/builders/list.ts";
import { connect } from "../../devkit/client.ts";
import { McpServer } from "./mcp-server.ts";
import { isInside } from "./open-folders.ts";
import { runTool } from "./tools.ts";

const [dataFolder = "", version = "", ...folders] = process.argv.slice(2);

const server = new McpServer({
  version,
  write: (line) => process.stdout.write(`${line}\n`),
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

const lines = createInterface({ input: process.stdin });
const pending = new Set<Promise<void>>();
lines.on("line", (line) => {
  const received: Promise<void> = server.receive(line).finally(() => pending.delete(received));
  pending.add(received);
});
// The client is gone: compilers that a deploy started must not keep this process.
lines.on("close", async () => {
  server.close();
  await Promise.all(pending);
  await closeBuilders();
});
