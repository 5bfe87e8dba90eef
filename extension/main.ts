import { type ExtensionContext, ExtensionMode, workspace } from "vscode";
import { openCreated } from "./commands/open-created.ts";
import type { Parts } from "./parts.ts";
import { registerCommands } from "./register-commands.ts";
import { activateTrusted } from "./trusted.ts";
import { createParts } from "./wiring.ts";

/** What the extension answers to those who ask the editor for it. */
export interface Activation {
  readonly activationMs: number;
  /** Only for tests that run in the extension host. */
  readonly parts?: Parts;
}

/** Entry of the extension. Nothing is built or run before the workspace is trusted. */
export async function activate(context: ExtensionContext): Promise<Activation> {
  const start = performance.now();
  const { parts, started } = createParts(context);
  registerCommands(parts);
  if (workspace.isTrusted) activateTrusted(parts);
  else {
    const trusted = workspace.onDidGrantWorkspaceTrust(() => {
      activateTrusted(parts);
      // What is written beside sources was not before.
      void parts.projects.refresh();
    });
    context.subscriptions.push(trusted);
  }
  const activationMs = performance.now() - start;
  parts.logs.extension.info(`activated in ${activationMs.toFixed(1)} ms`);
  started
    .then(() => openCreated(parts))
    .catch((error: Error) => parts.logs.extension.error(`at opening: ${error.message}`));
  return { activationMs, ...(context.extensionMode === ExtensionMode.Test && { parts }) };
}
