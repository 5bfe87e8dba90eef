import assert from "node:assert/strict";
import { type LanguageModelTextPart, lm, Uri } from "vscode";
import { TOOLS } from "../assistant/tool-declarations.ts";
import type { Cases } from "./host.ts";

export const assistantCases: Cases = {
  "assistants find every tool": () => {
    const known = new Set(lm.tools.map(({ name }) => name));
    for (const name of Object.keys(TOOLS)) assert.ok(known.has(`myOwnCluster_${name}`), name);
    return Promise.resolve();
  },

  "a tool that reads asks nobody": async () => {
    assert.match(await invoke("list_functions", {}), /"name": "hello"/);
  },

  "a tool that changes something asks first": async ({ page, root }) => {
    const input = { folder: Uri.joinPath(root, "hello").fsPath };
    const declined = assert.rejects(invoke("deploy_function", input));
    assert.match(await page.dialog(), /Deploy Function/);
    await page.answerDialog("Cancel");
    await declined;
    const deployed = invoke("deploy_function", input);
    await page.answerDialog("Allow");
    assert.match(await deployed, /hello is live/);
  },

  "a folder that is not open is not deployed, whoever allows it": async ({ page }) => {
    const refused = assert.rejects(
      invoke("deploy_function", { folder: "/etc" }),
      /not in a folder/,
    );
    await page.answerDialog("Allow");
    await refused;
  },
};

async function invoke(tool: keyof typeof TOOLS, input: object): Promise<string> {
  const { content } = await lm.invokeTool(`myOwnCluster_${tool}`, {
    input,
    toolInvocationToken: undefined,
  });
  return (content as readonly LanguageModelTextPart[]).map(({ value }) => value).join("");
}
