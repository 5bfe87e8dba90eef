import {
  type Disposable,
  LanguageModelTextPart,
  LanguageModelToolResult,
  l10n,
  lm,
  MarkdownString,
  workspace,
} from "vscode";
import type { Client } from "../../devkit/client.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import { isInside } from "./open-folders.ts";
import { editorToolName, TOOLS, type ToolName } from "./tool-declarations.ts";

/** The tools in the editor's chat; those that change something ask first. */
export function registerTools(ensure: () => Promise<Client>): Disposable[] {
  return (Object.keys(TOOLS) as ToolName[]).map((name) =>
    lm.registerTool<Readonly<Record<string, unknown>>>(editorToolName(name), {
      prepareInvocation: ({ input }) => ({
        invocationMessage: l10n.t("My Own Cluster: {0}", l10n.t(TOOLS[name].title)),
        ...(TOOLS[name].changes && { confirmationMessages: confirmation(name, input) }),
      }),
      invoke: async ({ input }, token) => {
        if (!workspace.isTrusted) {
          throw new MocError("MOC_FORBIDDEN", l10n.t("The workspace is not trusted."));
        }
        const { runTool } = await import("./tools.ts");
        const abort = new AbortController();
        const cancelled = token.onCancellationRequested(() => abort.abort());
        try {
          const client = await ensure();
          const text = await runTool(
            name,
            { client, signal: abort.signal, mayDeploy: isOpen },
            input,
          );
          return new LanguageModelToolResult([new LanguageModelTextPart(text)]);
        } finally {
          cancelled.dispose();
        }
      },
    }),
  );
}

function confirmation(name: ToolName, input: Readonly<Record<string, unknown>>) {
  const message = new MarkdownString();
  message.appendText(l10n.t("Allow this? It runs code on your machine."));
  message.appendCodeblock(JSON.stringify(input, null, 2), "json");
  return { title: l10n.t(TOOLS[name].title), message };
}

function isOpen(folder: string): boolean {
  const folders = workspace.workspaceFolders ?? [];
  return isInside(
    folders.map(({ uri }) => uri.fsPath),
    folder,
  );
}
