import { join } from "node:path";
import { Disposable, EventEmitter, lm, McpStdioServerDefinition, workspace } from "vscode";

interface McpProviderParts {
  readonly extensionPath: string;
  readonly version: string;
  readonly dataFolder: () => string;
  /** Executable and environment of a Node. */
  readonly node: () => { readonly path: string; readonly env: Readonly<Record<string, string>> };
}

/** Tells the editor of our MCP server; it starts it when an assistant wants it. */
export function registerMcp(parts: McpProviderParts): Disposable {
  // The server is told which folders are open when it is started.
  const changed = new EventEmitter<void>();
  const provider = lm.registerMcpServerDefinitionProvider("myOwnCluster.mcp", {
    onDidChangeMcpServerDefinitions: changed.event,
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
  const folders = workspace.onDidChangeWorkspaceFolders(() => changed.fire());
  return Disposable.from(changed, provider, folders);
}
