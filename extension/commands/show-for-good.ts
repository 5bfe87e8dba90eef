import { type Uri, window, workspace } from "vscode";

/** Opens a file that was just made: in a tab that the next file opened does not take. */
export async function showForGood(file: Uri): Promise<void> {
  await window.showTextDocument(await workspace.openTextDocument(file), { preview: false });
}
