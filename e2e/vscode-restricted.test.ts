import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Editor, hasEditor, inWindow } from "./scenario.ts";

describe("a workspace that is not trusted", () => {
  let editor: Editor | string = "not started";
  before(async () => {
    editor = await Editor.start({
      settings: {
        "security.workspace.trust.enabled": true,
        "security.workspace.trust.startupPrompt": "never",
        "security.workspace.trust.banner": "never",
      },
    });
  });
  after(async () => {
    if (typeof editor !== "string") await editor[Symbol.asyncDispose]();
  });

  test("functions are listed, nothing is built, deployed or run", async (t) => {
    if (!hasEditor(editor, t)) return;
    const current = editor;
    const folder = await current.workspace({ hello: "javascript" });
    await inWindow(
      current,
      folder,
      async (bench) => {
        await bench.status().getByText("moc: restricted").waitFor();
        await bench.showViews();
        await bench.row("Functions", "hello").waitFor();
        await bench.picture("restricted");
        assert.equal(await bench.offers("My Own Cluster: Open Walkthrough"), true);
        assert.equal(await bench.offers("My Own Cluster: Deploy All Functions"), false);
        assert.equal(await bench.offers("My Own Cluster: Create Function"), false);
        assert.deepEqual(await current.instances(), []);
      },
      "restricted",
    );
  });
});
