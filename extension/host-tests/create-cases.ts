import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { commands, env, Uri, window, workspace } from "vscode";
import { answerOf, type Cases, eventually, execute, type Host, statusOf, write } from "./host.ts";

/** `(module (func (export "handle") (result i32) i32.const 200))` */
const LONE_WASM = Uint8Array.from([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 7, 10, 1, 6, 0x68, 0x61,
  0x6e, 0x64, 0x6c, 0x65, 0, 0, 10, 7, 1, 5, 0, 0x41, 0xc8, 1, 0x0b,
]);

export const createCases: Cases = {
  "the wizard goes back and forth, and says what is wrong while one types": async (host) => {
    const { page, root } = host;
    await write(root, "taken/notes.txt", "somebody else's");
    const created = execute("createFunction");
    await page.pick("Static site");
    await page.shows("Name of the function");
    await page.fill("bad name!");
    await page.shows("is no function name");
    await page.fill("hello");
    await page.shows("There is a function hello already");
    await page.fill("taken");
    await page.shows("exists already");
    await page.back();
    await page.pick("Static site");
    await page.enter("made");
    await page.shows("Choose another folder");
    await page.back();
    await page.shows("Name of the function");
    await page.press("Enter");
    await page.shows("Choose another folder");
    await page.press("Enter");
    await page.shows("Title of the site");
    await page.back();
    await page.shows("Choose another folder");
    await page.press("Enter");
    await page.fill("no <b>");
    await page.shows("1 to 80 characters");
    await page.enter("Well made");
    await created;
    const shown = window.activeTextEditor?.document.uri;
    assert.equal(shown?.fsPath, Uri.joinPath(root, "made/public/index.html").fsPath);
    assert.match(await answerOf(host, "/made/"), /Well made/);
    const { functionsTree } = host.parts;
    await eventually(async () => {
      const nodes = await functionsTree.getChildren();
      const site = nodes.find((node) => node.kind === "function" && node.item.name === "made");
      assert.ok(site);
      const { contextValue, description } = functionsTree.getTreeItem(site);
      assert.equal(contextValue, "function;deployed;local;plugged");
      assert.equal(description, "static-site · revision 1");
      const [place] = await functionsTree.getChildren(site);
      assert.equal(place?.kind === "plug" && place.path, "/made/");
    });
    await execute("copyUrl", "made");
    assert.match(await env.clipboard.readText(), /\/made\/$/);
  },

  "what is given up leaves nothing": async ({ page, root }) => {
    const created = execute("createFunction");
    await page.pick("JavaScript");
    await page.shows("Name of the function");
    await page.press("Escape");
    await created;
    const names = (await workspace.fs.readDirectory(root)).map(([name]) => name);
    assert.ok(!names.includes("hello-2"), names.join());
  },

  "a lone wasm file is registered from a folder of its own": async (host) => {
    await workspace.fs.writeFile(Uri.joinPath(host.root, "lone.wasm"), LONE_WASM);
    await adoptWithEnter(host, "lone.wasm");
    const manifest = await readFile(Uri.joinPath(host.root, "lone/moc.json").fsPath, "utf8");
    assert.equal(JSON.parse(manifest).artifact, "../lone.wasm");
    await eventually(async () => assert.equal(await statusOf(host, "/lone"), 200));
  },

  "who accepts and goes on to something else at once has accepted": async (host) => {
    const { page, root } = host;
    const uri = Uri.joinPath(root, "hasty.wasm");
    await workspace.fs.writeFile(uri, LONE_WASM);
    const adopted = execute("deploy", uri);
    await page.shows("Name of the function");
    await page.press("Enter");
    await page.shows("Path at which");
    await Promise.all([
      commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem"),
      commands.executeCommand("workbench.action.quickOpen"),
    ]);
    await adopted;
    await page.press("Escape");
    await eventually(async () => assert.equal(await statusOf(host, "/hasty"), 200));
  },

  "a lone script is registered, and its saves are live": async (host) => {
    await write(host.root, "alone.js", 'export default { fetch: () => new Response("one") };\n');
    await adoptWithEnter(host, "alone.js");
    await eventually(async () => assert.equal(await answerOf(host, "/alone"), "one"));
    const uri = Uri.joinPath(host.root, "alone.js");
    const document = await workspace.openTextDocument(uri);
    const editor = await window.showTextDocument(document);
    const at = document.positionAt(document.getText().indexOf("one"));
    await editor.edit((edit) => edit.insert(at, "not "));
    await document.save();
    await eventually(async () => assert.equal(await answerOf(host, "/alone"), "not one"));
  },
};

/** Deploys a file that is no function yet, and takes what the wizard proposes. */
async function adoptWithEnter({ page, root }: Host, file: string): Promise<void> {
  const adopted = execute("deploy", Uri.joinPath(root, file));
  for (const question of ["Name of the function", "Path at which"]) {
    await page.shows(question);
    await page.press("Enter");
  }
  await adopted;
}
