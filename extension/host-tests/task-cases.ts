import assert from "node:assert/strict";
import { commands, languages, type Task, tasks, Uri } from "vscode";
import { TASK_TYPE } from "../contributions/views.ts";
import { type Cases, eventually, type Host, write } from "./host.ts";

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

  "samples run as tests through the function's own URL": async (host) => {
    const before = await callsOf(host);
    await commands.executeCommand("testing.runAll");
    await eventually(async () => assert.ok((await callsOf(host)) >= before + 2));
  },
};

const GOOD = 'export default { fetch: () => new Response("Hello, World!") };\n';

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
