/** A small extension that does what an assistant does: it calls our language-model tools. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createVSIX } from "@vscode/vsce";

const TOOLS = ["list_functions", "deploy_function"] as const;

const MANIFEST = {
  name: "tool-caller",
  publisher: "tests",
  version: "0.0.1",
  engines: { vscode: "^1.101.0" },
  main: "./main.js",
  files: ["main.js"],
  activationEvents: [],
  contributes: {
    commands: TOOLS.map((tool) => ({ command: `caller.${tool}`, title: `Call Tool: ${tool}` })),
  },
};

const MAIN = `
const { commands, lm, window, workspace } = require("vscode");
exports.activate = (context) => {
  for (const tool of ${JSON.stringify(TOOLS)}) {
    const run = async () => {
      const folder = workspace.workspaceFolders[0].uri.fsPath + "/hello";
      const input = tool === "deploy_function" ? { folder } : {};
      try {
        const options = { input, toolInvocationToken: undefined };
        const { content } = await lm.invokeTool("myOwnCluster_" + tool, options);
        window.showInformationMessage(content.map(({ value }) => value).join("").slice(0, 200));
      } catch (error) {
        window.showInformationMessage("failed: " + error.message);
      }
    };
    context.subscriptions.push(commands.registerCommand("caller." + tool, run));
  }
};
`;

/** Packages the extension; answers the file, in a folder of its own. */
export async function packageToolCaller(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "moc-caller-"));
  await writeFile(join(folder, "package.json"), JSON.stringify(MANIFEST));
  await writeFile(join(folder, "main.js"), MAIN);
  const packagePath = join(folder, "tool-caller.vsix");
  await createVSIX({
    cwd: folder,
    packagePath,
    allowMissingRepository: true,
    skipLicense: true,
    dependencies: false,
  });
  return packagePath;
}
