import { join } from "node:path";
import { type Disposable, lm, McpStdioServerDefinition, workspace } from "vscode";

interface McpProviderParts {
  readonly extensionPath: string;
  readonly version: string;
  readonly dataFolder: () => string;
  /** Executable and environment of a Node. */
  readonly node: () => { readonly path: string; readonly env: Readonly<Record<string, string>> };
}

/** Tells the editor of our MCP server; it starts it when an assistant wants it. */
export function registerMcp(parts: McpProviderParts): Disposable {
  return lm.registerMcpServerDefinitionProvider("myOwnCluster.mcp", {
    provideMcpServerDefinitions: () => {
      if (!workspace.isTrusted) return [];
      const folders = (workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
      const script = join(parts.extensionPath, "dist", "mcp.mjs");
      const { path, env } = parts.node();
      return [
        new McpStdioServerDefinition(
          "My Own Cluster",
          path,
          [script, parts.dataFolder(), parts.version, ...folders],
          { ...env },
          parts.version,
        ),
      ];
    },
  });
}
