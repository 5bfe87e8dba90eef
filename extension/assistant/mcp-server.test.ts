import assert from "node:assert/strict";
import { test } from "node:test";
import { MocError } from "../../runtime/protocol/errors.ts";
import { McpServer } from "./mcp-server.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A client; `decide` is its user, without whom it cannot ask. */
async function connect(decide?: (message: string) => string | undefined) {
  const ran: string[] = [];
  const answers: Fields[] = [];
  const server: McpServer = new McpServer({
    version: "1.0.0",
    run: async (tool, input) => {
      ran.push(tool);
      if (tool === "read_key") throw new MocError("MOC_NOT_FOUND", "no such key");
      return `${tool} ${JSON.stringify(input)}`;
    },
    write: (line) => {
      const message = JSON.parse(line);
      if (message.method !== "elicitation/create") {
        answers.push(message);
        return;
      }
      const action = decide?.(message.params.message);
      if (action !== undefined) void send({ id: message.id, result: { action } });
    },
  });
  const send = (message: object): Promise<void> =>
    server.receive(JSON.stringify({ jsonrpc: "2.0", ...message }));
  const ask = async (message: object): Promise<Fields> => {
    await send(message);
    return answers.at(-1) ?? {};
  };
  const call = async (name: string, input: object = {}): Promise<Fields> =>
    (await ask({ id: 9, method: "tools/call", params: { name, arguments: input } }))
      .result as Fields;
  const capabilities = decide ? { elicitation: {} } : {};
  const hello = await ask({ id: 0, method: "initialize", params: { capabilities } });
  return { server, ask, call, ran, hello, answers };
}

const text = ({ content }: Fields): string => (content as { text: string }[])[0]?.text ?? "";

test("a client can initialize, list tools and call one that reads", async () => {
  const { hello, ask, call } = await connect();
  const { serverInfo } = hello.result as { serverInfo: { name: string } };
  assert.equal(serverInfo.name, "my-own-cluster");
  const { result } = await ask({ id: "two", method: "tools/list" });
  const { tools } = result as { tools: { name: string; annotations: Fields }[] };
  const hints = (name: string) => tools.find((tool) => tool.name === name)?.annotations;
  assert.partialDeepStrictEqual(hints("deploy_function"), {
    readOnlyHint: false,
    destructiveHint: true,
  });
  assert.partialDeepStrictEqual(hints("read_log"), { readOnlyHint: true, destructiveHint: false });
  assert.deepEqual(await call("read_log", { limit: 1 }), {
    content: [{ type: "text", text: 'read_log {"limit":1}' }],
    isError: false,
  });
});

test("what changes something is asked for, once for each target", async () => {
  const asked: string[] = [];
  const { call, ran } = await connect((message) => {
    asked.push(message);
    return "accept";
  });
  assert.match(text(await call("deploy_function", { folder: "/w/a" })), /^deploy_function/);
  await call("deploy_function", { folder: "/w/a" });
  await call("deploy_function", { folder: "/w/b" });
  await call("invoke_function", { name: "a" });
  await call("list_functions");
  assert.equal(asked.length, 3);
  assert.match(asked[0] ?? "", /Deploy Function: \/w\/a\. It runs code/);
  assert.equal(ran.length, 5);
});

test("declined, dismissed, or not to be asked: nothing is run", async () => {
  for (const decide of [() => "decline", () => "cancel", undefined]) {
    const { call, ran } = await connect(decide);
    const refused = await call("deploy_function", { folder: "/w/a" });
    assert.equal(refused.isError, true);
    assert.match(text(refused), /^MOC_FORBIDDEN/);
    assert.deepEqual(ran, []);
  }
});

test("a client that goes while its user is asked leaves nothing waiting", async () => {
  const { server, call, ran } = await connect(() => undefined);
  const refused = call("deploy_function", { folder: "/w/a" });
  server.close();
  assert.match(text(await refused), /declined/);
  assert.deepEqual(ran, []);
});

test("a tool that fails is an answer, not a broken protocol", async () => {
  const { call } = await connect();
  assert.deepEqual(await call("read_key"), {
    content: [{ type: "text", text: "MOC_NOT_FOUND: no such key" }],
    isError: true,
  });
  assert.equal((await call("toString")).isError, true);
});

test("what is no request is refused by code, notifications are not answered", async () => {
  const { server, answers } = await connect();
  const codes: unknown[] = [];
  for (const line of [
    "{",
    "[]",
    '{"id":1}',
    '{"id":1,"method":"x"}',
    '{"id":"ask-1","result":{}}',
  ]) {
    await server.receive(line);
    const { error } = answers.at(-1) ?? {};
    codes.push((error as { code: number }).code);
  }
  assert.deepEqual(codes, [-32700, -32700, -32600, -32601, -32600]);
  const count = answers.length;
  await server.receive('{"method":"notifications/initialized"}');
  assert.equal(answers.length, count);
});
