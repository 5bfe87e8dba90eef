/** The MCP server as assistants run it: a process of its own beside a real runtime. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { closeBuilders } from "../../devkit/builders/list.ts";
import { startPlatform, temporaryFolder, writeProject } from "../../devkit/testing.ts";

const SERVER = fileURLToPath(new URL("./mcp-main.ts", import.meta.url));

after(closeBuilders);

interface Said {
  readonly text: string;
  readonly isError: boolean;
}

/** Starts the server for a data folder and open folders; answers how to call its tools. */
function startServer(t: TestContext, dataFolder: string, folders: readonly string[]) {
  const asked: string[] = [];
  const child = spawn(process.execPath, [SERVER, dataFolder, "1.2.3", ...folders], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(() => child.kill());
  const waiting = new Map<number, (result: Readonly<Record<string, unknown>>) => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { id, method, params, result, error } = JSON.parse(line);
    if (method === "elicitation/create") {
      asked.push(params.message);
      const answer = { jsonrpc: "2.0", id, result: { action: "accept", content: {} } };
      child.stdin.write(`${JSON.stringify(answer)}\n`);
      return;
    }
    waiting.get(id)?.(result ?? { error });
    waiting.delete(id);
  });
  let last = 0;
  const ask = (method: string, params: unknown): Promise<Readonly<Record<string, unknown>>> => {
    const id = ++last;
    const { promise, resolve } = Promise.withResolvers<Readonly<Record<string, unknown>>>();
    waiting.set(id, resolve);
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    return promise;
  };
  const call = async (name: string, input: object = {}): Promise<Said> => {
    const { content, isError } = await ask("tools/call", { name, arguments: input });
    const [first] = content as readonly { readonly text: string }[];
    return { text: first?.text ?? "", isError: isError === true };
  };
  const end = async (): Promise<number | null> => {
    const exit = once(child, "exit");
    child.stdin.end();
    const [code] = await exit;
    return code;
  };
  const initialize = () => ask("initialize", { capabilities: { elicitation: {} } });
  return { initialize, call, end, asked };
}

test("an assistant lists, calls, reads and deploys through the server's process", async (t) => {
  const folder = await temporaryFolder(t);
  const { client, dataFolder } = await startPlatform(t, join(folder, "data"));
  const open = join(folder, "open");
  const manifest = { name: "told", language: "javascript", plugs: [{ path: "/told" }] } as const;
  const source =
    'export default { fetch: () => { console.log("hi"); return new Response("yes"); } };';
  const project = await writeProject(open, manifest, { "index.js": source });
  const server = startServer(t, dataFolder, [open]);

  const { serverInfo } = await server.initialize();
  assert.deepEqual(serverInfo, { name: "my-own-cluster", version: "1.2.3" });

  const deployed = await server.call("deploy_function", { folder: project.folder });
  assert.match(deployed.text, /told is live, revision 1/);
  assert.equal(server.asked.length, 1);
  const listed: { name: string }[] = JSON.parse((await server.call("list_functions")).text);
  assert.ok(listed.some(({ name }) => name === "told"));
  const answer = JSON.parse(
    (await server.call("invoke_function", { name: "told", path: "/told" })).text,
  );
  assert.deepEqual([answer.status, answer.body], [200, "yes"]);
  const foreign = await server.call("invoke_function", { name: "other", path: "/told" });
  assert.match(foreign.text, /MOC_BAD_REQUEST: \/told is answered by told, not by other/);
  const log = await server.call("read_log", { name: "told" });
  assert.match(log.text, /\[told\] hi/);
  const body = new TextEncoder().encode("forty");
  await client.call("kvPut", { path: { key: "told" }, body });
  assert.deepEqual(await server.call("read_key", { key: "told" }), {
    text: "forty",
    isError: false,
  });
  assert.match((await server.call("read_key", { key: "to*" })).text, /told \(5 bytes\)/);
  assert.equal(await server.end(), 0);
});

test("what is not open is not deployed, and bad input is said", async (t) => {
  const folder = await temporaryFolder(t);
  const { dataFolder } = await startPlatform(t, join(folder, "data"));
  const manifest = { name: "other", language: "javascript" } as const;
  const project = await writeProject(join(folder, "elsewhere"), manifest, { "index.js": "" });
  const server = startServer(t, dataFolder, [join(folder, "else")]);
  await server.initialize();
  const refused: readonly [string, object, RegExp][] = [
    ["deploy_function", { folder: project.folder }, /MOC_FORBIDDEN/],
    ["deploy_function", { folder: `${join(folder, "else")}/../elsewhere/other` }, /MOC_FORBIDDEN/],
    ["deploy_function", {}, /MOC_BAD_REQUEST: "folder" is missing/],
    ["invoke_function", { name: "other", path: "/my-own-cluster/api/status" }, /MOC_BAD_REQUEST/],
    ["invoke_function", { name: "other", force: true }, /"force" is not known/],
    ["read_log", { limit: "all" }, /must be of type integer/],
    ["read_key", { key: "none" }, /MOC_NOT_FOUND/],
  ];
  for (const [name, input, message] of refused) {
    const { text, isError } = await server.call(name, input);
    assert.match(text, message);
    assert.ok(isError);
  }
});

test("without a runtime each call says so, and the server lives on", async (t) => {
  const server = startServer(t, await temporaryFolder(t), []);
  for (let n = 0; n < 2; n++) {
    const { text, isError } = await server.call("list_functions");
    assert.match(text, /^MOC_/);
    assert.ok(isError);
  }
});
