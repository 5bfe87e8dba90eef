import assert from "node:assert/strict";
import { Range, type TextDocument, type Uri, WorkspaceEdit, workspace } from "vscode";

/** Replaces the text of a file as typing would; it is not saved. */
export async function editSource(file: Uri, text: string): Promise<TextDocument> {
  const document = await workspace.openTextDocument(file);
  const change = new WorkspaceEdit();
  change.replace(document.uri, new Range(0, 0, document.lineCount, 0), text);
  assert.ok(await workspace.applyEdit(change));
  return document;
}
