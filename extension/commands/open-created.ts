import { Uri, workspace } from "vscode";
import type { Parts } from "../parts.ts";
import { deployNow } from "./deploy-now.ts";
import { showForGood } from "./show-for-good.ts";

const OPEN_LATER_KEY = "openLater";

/** The next window on the file's folder opens it. */
export async function openLater({ context }: Parts, file: string): Promise<void> {
  await context.globalState.update(OPEN_LATER_KEY, file);
}

/** Opens the function that was made just before this window opened on its folder. */
export async function openCreated(parts: Parts): Promise<void> {
  const file = parts.context.globalState.get<string>(OPEN_LATER_KEY);
  if (!file || !workspace.getWorkspaceFolder(Uri.file(file))) return;
  await parts.context.globalState.update(OPEN_LATER_KEY, undefined);
  await showForGood(Uri.file(file));
  const project = parts.projects.containing(file);
  if (!project) return;
  if (workspace.isTrusted) await deployNow(parts, project);
  else {
    const trusted = workspace.onDidGrantWorkspaceTrust(() => void deployNow(parts, project));
    parts.context.subscriptions.push(trusted);
  }
}
