import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type CodeLens, commands, env, languages, Uri, window, workspace } from "vscode";
import { COMMAND_PREFIX } from "../contributions/commands.ts";
import { editSource } from "./edit-source.ts";
import { answerOf, type Cases, eventually, execute, type Host, statusOf, write } from "./host.ts";

const run = promisify(execFile);
const source = (text: string): string =>
  `export default { fetch: () => { console.log("said ${text}"); return new Response("${text}"); } };\n`;

export const functionCases: Cases = {
  "an earlier version serves again, chosen from a list and on its line": async (host) => {
    await save(host, "older");
    await save(host, "newer");
    const rolled = execute("rollback", "hello");
    await host.page.read(".quick-input-list .monaco-list-row");
    await host.page.press("Enter");
    await rolled;
    assert.equal(await answerOf(host, "/hello"), "older");
    const { functionsTree } = host.parts;
    const hello = (await functionsTree.getChildren()).find(
      (node) => node.kind === "function" && node.item.name === "hello",
    );
    const versions = (await functionsTree.getChildren(hello)).find(
      (node) => node.kind === "group" && node.group === "versions",
    );
    const newer = (await functionsTree.getChildren(versions)).find(
      (node) => node.kind === "version" && !node.current,
    );
    await execute("rollback", newer);
    assert.equal(await answerOf(host, "/hello"), "newer");
  },

  "the copied URL and curl command answer as the function does": async (host) => {
    await save(host, "curled");
    await execute("copyUrl", "hello");
    const url = await env.clipboard.readText();
    assert.match(url, /\/hello/);
    await execute("copyCurl", "hello");
    const { stdout } = await run("sh", ["-c", await env.clipboard.readText()]);
    assert.match(stdout, /^HTTP\/1\.1 200[\s\S]*\r\n\r\ncurled$/);
  },

  "a function's log is a read-only document that follows": async (host) => {
    await save(host, "logged");
    await answerOf(host, "/hello");
    await execute("showFunctionLog", "hello");
    const document = window.activeTextEditor?.document;
    assert.equal(document?.uri.scheme, "moc-log");
    assert.match(document.getText(), /info {2}#\d+ said logged/);
    assert.equal(document.isDirty, false);
    await save(host, "followed");
    await answerOf(host, "/hello");
    await eventually(() => assert.match(document.getText(), /said followed/));
  },

  "a new sample is a file that is valid at once": async (host) => {
    await execute("newSample", "hello");
    const uri = Uri.joinPath(host.root, "hello", "samples", "sample-1.json");
    assert.equal(window.activeTextEditor?.document.uri.fsPath, uri.fsPath);
    assert.deepEqual(JSON.parse(window.activeTextEditor?.document.getText() ?? ""), {
      method: "get",
      path: "/hello",
      expect: { status: 200 },
    });
    await workspace.fs.delete(uri);
  },

  "guest bindings are written anew": async (host) => {
    const uri = Uri.joinPath(host.root, "hello", "moc-environment.d.ts");
    const before = await workspace.fs.readFile(uri);
    const [first] = new TextDecoder().decode(before).split("\n");
    await workspace.fs.writeFile(uri, new TextEncoder().encode(`${first}\n`));
    await execute("refreshBindings", "hello");
    assert.deepEqual(await workspace.fs.readFile(uri), before);
  },

  "Invoke stands over the start function and over samples, and nowhere else": async (host) => {
    await save(host, "lens");
    const settings = workspace.getConfiguration("myOwnCluster");
    const sample = Uri.joinPath(host.root, "hello", "samples", "lens.json");
    await write(host.root, "hello/samples/lens.json", '{ "path": "/hello" }\n');
    await write(host.root, "elsewhere.js", source("nobody's"));
    assert.deepEqual(await lensesOf(sourceOf(host)), [
      "$(play) Invoke",
      "$(link-external) Open URL",
    ]);
    assert.deepEqual(await lensesOf(sample), ["$(play) Invoke"]);
    assert.deepEqual(await lensesOf(Uri.joinPath(host.root, "elsewhere.js")), []);
    await settings.update("codeLens.enabled", false, false);
    assert.deepEqual(await lensesOf(sample), []);
    await settings.update("codeLens.enabled", undefined, false);
    await workspace.fs.delete(sample);
    await workspace.fs.delete(Uri.joinPath(host.root, "elsewhere.js"));
  },

  "the source is opened by name": async () => {
    await execute("openSource", "hello");
    assert.match(window.activeTextEditor?.document.uri.path ?? "", /\/hello\/index\.js$/);
  },

  "Deploy saves what is edited first, and builds once": async (host) => {
    const { length } = await versionsOf(host);
    await editSource(sourceOf(host), source("dirty"));
    await execute("deploy", sourceOf(host));
    assert.equal(await answerOf(host, "/hello"), "dirty");
    assert.equal((await versionsOf(host)).length, length + 1);
  },

  "Deploy All takes those first that others call": async (host) => {
    await make(host, "brief", "/brief");
    await make(host, "a-caller", "/caller", { calls: ["z-called"] });
    await make(host, "z-called", "/called");
    await execute("deployAll");
    for (const path of ["/caller", "/called", "/brief", "/hello"]) {
      assert.equal(await statusOf(host, path), 200, path);
    }
  },

  "several selected folders are deployed together": async (host) => {
    await make(host, "z-called", "/called", {}, "again");
    await make(host, "a-caller", "/caller", {}, "again");
    const selected = ["a-caller", "z-called"].map((name) => Uri.joinPath(host.root, name));
    await execute("deploy", selected[0], selected);
    for (const path of ["/caller", "/called"]) assert.equal(await answerOf(host, path), "again");
  },

  "one name for two functions is in Problems": async (host) => {
    await make(host, "copy", "/copy", { name: "hello" });
    await eventually(() => {
      for (const file of ["copy/moc.json", "hello/moc.json"]) {
        assert.match(problemsOf(host, file)[0] ?? "", /hello is the name of .* too/);
      }
    });
    await remove(host, "copy");
    await eventually(() => assert.deepEqual(problemsOf(host, "hello/moc.json"), []));
  },

  "tasks run before and after a deploy, and one that fails stops it": async (host) => {
    const settings = workspace.getConfiguration("myOwnCluster");
    const task = (label: string, command: string) => ({ label, type: "shell", command });
    const tasks = [
      task("before", "touch before.txt"),
      task("after", "exit 0"),
      task("no", "exit 3"),
    ];
    await write(host.root, ".vscode/tasks.json", JSON.stringify({ version: "2.0.0", tasks }));
    await settings.update("deploy.preTask", "before", false);
    await settings.update("deploy.postTask", "after", false);
    const hello = Uri.joinPath(host.root, "hello");
    try {
      await eventually(async () => {
        await execute("deploy", hello);
        await workspace.fs.stat(Uri.joinPath(host.root, "before.txt"));
      });
      await settings.update("deploy.preTask", "no", false);
      const { length } = await versionsOf(host);
      await editSource(sourceOf(host), source("stopped"));
      await execute("deploy", hello);
      assert.equal((await versionsOf(host)).length, length);
    } finally {
      await settings.update("deploy.preTask", undefined, false);
      await settings.update("deploy.postTask", undefined, false);
    }
  },
};

/** Titles of our lenses in a file; others have commands of their own. */
async function lensesOf(uri: Uri): Promise<readonly string[]> {
  await workspace.openTextDocument(uri);
  const lenses = await commands.executeCommand<readonly CodeLens[]>(
    "vscode.executeCodeLensProvider",
    uri,
    10,
  );
  return lenses
    .filter(({ command }) => command?.command.startsWith(COMMAND_PREFIX))
    .map(({ command }) => command?.title ?? "");
}

function sourceOf({ root }: Host): Uri {
  return Uri.joinPath(root, "hello", "index.js");
}

/** Saves a source that answers a text, and waits until it does. */
async function save(host: Host, text: string): Promise<void> {
  await (await editSource(sourceOf(host), source(text))).save();
  await eventually(async () => assert.equal(await answerOf(host, "/hello"), text));
}

async function make(
  { root, parts }: Host,
  folder: string,
  path: string,
  more: object = {},
  answer = folder,
): Promise<void> {
  const manifest = { name: folder, language: "javascript", plugs: [{ path }], ...more };
  await write(root, `${folder}/index.js`, source(answer));
  await write(root, `${folder}/moc.json`, JSON.stringify(manifest));
  await parts.projects.refresh();
}

async function remove({ root, parts }: Host, folder: string): Promise<void> {
  await workspace.fs.delete(Uri.joinPath(root, folder), { recursive: true });
  await parts.projects.refresh();
}

function problemsOf({ root }: Host, file: string): readonly string[] {
  return languages
    .getDiagnostics(Uri.joinPath(root, file))
    .filter(({ source }) => source === "my-own-cluster")
    .map(({ message }) => message);
}

async function versionsOf({ client }: Host) {
  return (await client.call("name", { path: { name: "hello" } })).name.history;
}
