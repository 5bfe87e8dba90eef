import { commands } from "vscode";

/** Keeps the active tab: one in preview would give way to the next file that is looked at. */
export async function keepEditor(): Promise<void> {
  await commands.executeCommand("workbench.action.keepEditor");
}
