import { env, window } from "vscode";

/** Copies a text, and says so for a moment. */
export async function copyText(text: string, said: string): Promise<void> {
  await env.clipboard.writeText(text);
  window.setStatusBarMessage(said, 3000);
}
