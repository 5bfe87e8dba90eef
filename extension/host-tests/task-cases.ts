import assert from "node:assert/strict";
import { commands, languages, type Task, tasks, Uri, workspace } from "vscode";
import { TASK_TYPE } from "../contributions/views.ts";
import { editSource } from "./edit-source.ts";
import { type Cases, eventually, execute, type Host, write } from "./host.ts";

export const taskCases: Cases = {
  "build, deploy and test of each function are tasks": async (host) => {
    const names = (await ourTasks()).map(({ name }) => name);
    for (const action of ["build", "deploy", "test"]) {
      assert.ok(names.includes(`${action} hello`), names.join());
    }
    await write(host.root, "hello/index.js", GOOD);
    assert.equal(await exitCode("build hello"), 0);
    assert.equal(await exitCode("deploy hello"), 0);
  },

  "a task's errors are matched to their line": async (host) => {
    const uri = Uri.joinPath(host.root, "hello", "index.js");
    await write(host.root, "hello/index.js", "\nexport default { fetch: ( };\n");
    assert.notEqual(await exitCode("build hello"), 0);
    const [problem] = await eventually(() => {
      const found = languages.getDiagnostics(uri);
      assert.ok(found.length > 0, "no problem is shown");
      return found;
    });
    assert.equal(problem?.range.start.line, 1);
    await write(host.root, "hello/index.js", GOOD);
    assert.equal(await exitCode("build hello"), 0);
    await eventually(() => assert.deepEqual(languages.getDiagnostics(uri), []));
  },

  "a function that is the workspace folder itself has tasks that can be kept": async (host) => {
    const uri = Uri.joinPath(host.root, "moc.json");
    await write(host.root, "index.js", GOOD);
    await write(host.root, "moc.json", '{ "name": "rooted", "language": "javascript" }');
    await host.parts.projects.refresh();
    const task = (await ourTasks()).find(({ name }) => name === "build rooted");
    // Anything else would not be found from where tasks.json is.
    assert.deepEqual(task?.definition, { type: TASK_TYPE, action: "build" });
    await workspace.fs.delete(uri);
    await workspace.fs.delete(Uri.joinPath(host.root, "index.js"));
    await host.parts.projects.refresh();
  },

  "samples run as tests through the function's own URL": async (host) => {
    const before = await callsOf(host);
    await commands.executeCommand("testing.runAll");
    await eventually(async () => assert.ok((await callsOf(host)) >= before + 2));
  },

  "tests of what was just saved run against it, however long it builds": async (host) => {
    const { root, parts } = host;
    const build = { command: "sleep 1 && cp index.js made.js", output: "made.js" };
    const plugs = [{ path: "/slow" }];
    const manifest = { name: "slow", language: "javascript", build, plugs };
    await write(root, "slow/index.js", answering("first"));
    await write(root, "slow/samples/one.json", '{ "path": "/slow" }');
    await write(root, "slow/moc.json", JSON.stringify(manifest));
    await parts.projects.refresh();
    await execute("deploy", Uri.joinPath(root, "slow"));
    await eventually(async () => {
      // Its sample is a test once it was found.
      await commands.executeCommand("testing.runAll");
      assert.deepEqual(await saidBy(host, "slow"), ["first"]);
    });
    const document = await editSource(Uri.joinPath(root, "slow/index.js"), answering("second"));
    assert.ok(await document.save());
    await commands.executeCommand("testing.runAll");
    await eventually(async () => assert.deepEqual(await saidBy(host, "slow"), ["first", "second"]));
    await workspace.fs.delete(Uri.joinPath(root, "slow"), { recursive: true });
    await parts.projects.refresh();
  },

  "two functions of one name do not take all tests away": async (host) => {
    const { root, parts } = host;
    for (const folder of ["twin", "twins-twin", "unlike"]) {
      const name = folder === "unlike" ? folder : "twin";
      const manifest = { name, language: "javascript", plugs: [{ path: `/${folder}` }] };
      await write(root, `${folder}/index.js`, answering("tested"));
      await write(root, `${folder}/samples/one.json`, `{ "path": "/${folder}" }`);
      await write(root, `${folder}/moc.json`, JSON.stringify(manifest));
    }
    await parts.projects.refresh();
    await eventually(async () => {
      await commands.executeCommand("testing.runAll");
      assert.ok((await saidBy(host, "unlike")).includes("tested"));
    });
    for (const folder of ["twin", "twins-twin", "unlike"]) {
      await workspace.fs.delete(Uri.joinPath(root, folder), { recursive: true });
    }
    await parts.projects.refresh();
  },
};

const GOOD = 'export default { fetch: () => new Response("Hello, World!") };\n';

/** Source of a function that answers a text, and logs it. */
function answering(text: string): string {
  return `export default { fetch: () => { console.log("${text}"); return new Response("${text}"); } };\n`;
}

/** Lines that a function wrote to its log, without repetitions. */
async function saidBy({ client }: Host, name: string): Promise<readonly string[]> {
  const { lines } = await client.call("logs", { query: { function: name, limit: 100 } });
  return [...new Set(lines.map(({ text }) => text))];
}

function ourTasks(): Thenable<Task[]> {
  return tasks.fetchTasks({ type: TASK_TYPE });
}

async function exitCode(name: string): Promise<number | undefined> {
  const task = (await ourTasks()).find((one) => one.name === name);
  assert.ok(task, `no task ${name}`);
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const listener = tasks.onDidEndTaskProcess(({ execution, exitCode: code }) => {
    if (execution.task.name === name) resolve(code);
  });
  try {
    await tasks.executeTask(task);
    return await promise;
  } finally {
    listener.dispose();
  }
}

async function callsOf({ client }: Host): Promise<number> {
  const { functions } = await client.call("functions");
  return functions.find(({ name }) => name === "hello")?.calls ?? 0;
}
