import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { access, writeFile } from "node:fs/promises";
import type { ClientRequest } from "node:http";
import { commands, languages, Uri, workspace } from "vscode";
import { DebugTurn } from "../debug/debug-turn.ts";
import { editSource } from "./edit-source.ts";
import { answerOf, type Cases, eventually, execute, type Host, write } from "./host.ts";

const SAVES = 5;
const STATUS = '.statusbar-item[id*="myOwnCluster"]';
const source = (text: string): string =>
  `export default { fetch: () => new Response("${text}") };\n`;

export const deployCases: Cases = {
  "Deploy on a folder makes its function live": async (host) => {
    const started = performance.now();
    await execute("deploy", Uri.joinPath(host.root, "hello"));
    assert.match(await answerOf(host, "/hello"), /Hello, World!/);
    host.figures["first deploy to answer ms"] = performance.now() - started;
  },

  "the editor's own agent does not close our connections": async ({ client }) => {
    const path = { name: "hello" };
    await client.call("name", { path });
    const reused: boolean[] = [];
    const heard = (message: unknown): void => {
      const { request } = message as { readonly request: ClientRequest };
      if (request.path.endsWith("/names/hello")) reused.push(request.reusedSocket);
    };
    subscribe("http.client.response.finish", heard);
    try {
      await client.call("name", { path });
    } finally {
      unsubscribe("http.client.response.finish", heard);
    }
    assert.deepEqual(reused, [true]);
  },

  "a save is live": async (host) => {
    const times: number[] = [];
    for (let n = 0; n < SAVES; n++) {
      const document = await editSource(sourceFile(host), source(`save ${n}`));
      const started = performance.now();
      assert.ok(await document.save());
      await eventually(async () => assert.equal(await answerOf(host, "/hello"), `save ${n}`), 2);
      times.push(performance.now() - started);
    }
    host.figures["save to new answer ms (median)"] = median(times);
  },

  "what does not build is in Problems at its line, and the old version serves": async (host) => {
    const uri = sourceFile(host);
    await (await editSource(uri, "\nexport default { fetch: () => new Response( };\n")).save();
    const [problem] = await eventually(() => {
      const found = languages.getDiagnostics(uri).filter(({ source }) => source);
      assert.ok(found.length > 0, "no problem is shown");
      return found;
    });
    assert.equal(problem?.range.start.line, 1);
    assert.equal(await answerOf(host, "/hello"), `save ${SAVES - 1}`);
    await (await editSource(uri, source("healed"))).save();
    await eventually(async () => {
      assert.equal(await answerOf(host, "/hello"), "healed");
      assert.deepEqual(languages.getDiagnostics(uri), []);
    });
  },

  "what cannot be loaded is in Problems at its line, until it can": async (host) => {
    const uri = sourceFile(host);
    assert.equal(await answerOf(host, "/hello"), "healed");
    const throws = `\n\nthrow new Error("not today");\n${source("never")}`;
    await (await editSource(uri, throws)).save();
    await eventually(async () => {
      // A load that took long is told by the next deploy.
      await execute("deploy", Uri.joinPath(host.root, "hello"));
      const [problem] = languages
        .getDiagnostics(uri)
        .filter(({ message }) => /not today/.test(message));
      assert.equal(problem?.range.start.line, 2);
    });
    await (await editSource(uri, source("healed"))).save();
    await eventually(async () => {
      assert.equal(await answerOf(host, "/hello"), "healed");
      assert.deepEqual(languages.getDiagnostics(uri), []);
    });
  },

  "a moc.json that is not valid is in Problems, and leaves when it is": async (host) => {
    const uri = Uri.joinPath(host.root, "bad", "moc.json");
    await write(host.root, "bad/moc.json", '{ "name": "bad", "language": "cobol" }');
    await eventually(() => {
      const found = languages.getDiagnostics(uri);
      assert.ok(
        found.some(({ message }) => /language must be one of/.test(message)),
        JSON.stringify(found),
      );
    });
    await workspace.fs.delete(Uri.joinPath(host.root, "bad"), { recursive: true });
    await eventually(() => assert.deepEqual(languages.getDiagnostics(uri), []));
  },

  "a path that another function has is in Problems, at its place": async (host) => {
    const manifest =
      '{\n  "name": "rival",\n  "language": "javascript",\n  "plugs": [{ "path": "/hello" }]\n}\n';
    await write(host.root, "rival/index.js", source("rival"));
    await write(host.root, "rival/moc.json", manifest);
    await host.parts.projects.refresh();
    const uri = Uri.joinPath(host.root, "rival", "moc.json");
    await execute("deploy", uri);
    const [problem] = languages.getDiagnostics(uri);
    assert.match(problem?.message ?? "", /\/hello is plugged for 'hello' already/);
    assert.equal(problem?.range.start.line, 3);
    await (await editSource(uri, manifest.replace("/hello", "/rival"))).save();
    await eventually(async () => {
      assert.equal(await answerOf(host, "/rival"), "rival");
      assert.deepEqual(languages.getDiagnostics(uri), []);
    });
    await execute("undeploy", "rival");
    await workspace.fs.delete(Uri.joinPath(host.root, "rival"), { recursive: true });
  },

  "a function whose moc.json is not valid any more says so on its line": async (host) => {
    const uri = Uri.joinPath(host.root, "hello", "moc.json");
    const { functionsTree, projects } = host.parts;
    const valid = new TextDecoder().decode(await workspace.fs.readFile(uri));
    const lines = async (): Promise<readonly string[]> => {
      const nodes = await functionsTree.getChildren();
      return nodes.map((node) => {
        const { label, description } = functionsTree.getTreeItem(node);
        return `${label} ${description}`;
      });
    };
    await write(host.root, "hello/moc.json", valid.replace("language", "langage"));
    await write(host.root, "never/moc.json", "{ }");
    await eventually(async () => {
      const shown = await lines();
      assert.ok(shown.includes("hello moc.json is not valid"), shown.join("\n"));
      assert.ok(shown.includes("never moc.json is not valid"), shown.join("\n"));
    });
    // A save of one of its sources is the function's, too: it is told why it is not live.
    assert.equal(projects.folderOf(sourceFile(host).fsPath), Uri.joinPath(uri, "..").fsPath);
    await workspace.fs.delete(Uri.joinPath(host.root, "never"), { recursive: true });
    await write(host.root, "hello/moc.json", valid);
    await eventually(async () => {
      assert.ok(!(await lines()).some((line) => line.includes("not valid")));
    });
  },

  "what another program writes is live, and nothing twice": async (host) => {
    const revision = async () =>
      (await host.client.call("name", { path: { name: "hello" } })).name.history.length;
    const before = await revision();
    await writeFile(sourceFile(host).fsPath, source("checked out"));
    await eventually(async () => assert.equal(await answerOf(host, "/hello"), "checked out"));
    assert.equal(await revision(), before + 1);
    await writeFile(sourceFile(host).fsPath, "export default {");
    await eventually(() => assert.ok(languages.getDiagnostics(sourceFile(host)).length > 0));
    await writeFile(sourceFile(host).fsPath, source("healed"));
    await eventually(async () => {
      assert.equal(await answerOf(host, "/hello"), "healed");
      assert.deepEqual(languages.getDiagnostics(sourceFile(host)), []);
    });
  },

  "with onChange an edit is live without a save": async (host) => {
    const settings = workspace.getConfiguration("myOwnCluster");
    await settings.update("deploy.trigger", "onChange", false);
    await settings.update("deploy.debounceMs", 50, false);
    try {
      const document = await editSource(sourceFile(host), source("typed"));
      await eventually(async () => assert.equal(await answerOf(host, "/hello"), "typed"));
      // The function may be live before the editor has heard that its file is written.
      await eventually(() => assert.equal(document.isDirty, false));
      await settings.update("deploy.trigger", "off", false);
      await (await editSource(document.uri, source("unseen"))).save();
      await execute("deploy", Uri.joinPath(host.root, "hello"));
      assert.equal(await answerOf(host, "/hello"), "unseen");
    } finally {
      await settings.update("deploy.trigger", undefined, false);
      await settings.update("deploy.debounceMs", undefined, false);
    }
  },

  "a save waits while another window debugs the function": async (host) => {
    const uri = sourceFile(host);
    const turn = new DebugTurn(host.parts.dataFolder(), Uri.joinPath(host.root, "hello").fsPath);
    const before = await answerOf(host, "/hello");
    assert.equal(await turn.take(otherProcess(host)), true);
    const told = host.page.read(STATUS, "live when debugging ends");
    await (await editSource(uri, source("saved meanwhile"))).save();
    await told;
    await execute("deploy", Uri.joinPath(host.root, "hello"));
    assert.equal(await answerOf(host, "/hello"), before);
    await turn.give(otherProcess(host));
    await eventually(async () => assert.equal(await answerOf(host, "/hello"), "saved meanwhile"));
  },

  "the adopt wizard publishes a folder without moc.json": async (host) => {
    await write(host.root, "site/index.html", "<h1>adopted</h1>");
    const adopted = execute("adopt", Uri.joinPath(host.root, "site"));
    // Enter at each of its steps: what is proposed is taken.
    await eventually(async () => {
      await commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
      await access(Uri.joinPath(host.root, "site", "moc.json").fsPath);
    }, 100);
    await adopted;
    await eventually(async () => assert.match(await answerOf(host, "/site/"), /adopted/));
  },
};

/** Stands for another window's extension host: any process that lives. */
function otherProcess({ parts: { runtime } }: Host): number {
  assert.ok(runtime.state.kind === "running");
  return runtime.state.instance.pid;
}

function sourceFile({ root }: Host): Uri {
  return Uri.joinPath(root, "hello", "index.js");
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
