import assert from "node:assert/strict";
import { test } from "node:test";
import { MocError } from "../../runtime/protocol/errors.ts";
import { answerLine, type McpOptions } from "./mcp-server.ts";

const options: McpOptions = {
  version: "1.0.0",
  run: async (tool, input) => {
    if (tool === "read_key") throw new MocError("MOC_NOT_FOUND", "no such key");
    return `${tool} ${JSON.stringify(input)}`;
  },
};

async function ask(message: object): Promise<Readonly<Record<string, unknown>>> {
  const answer = await answerLine(JSON.stringify({ jsonrpc: "2.0", ...message }), options);
  return JSON.parse(answer ?? "{}");
}

test("a client can initialize, list tools and call one", async () => {
  const hello = await ask({ id: 1, method: "initialize", params: {} });
  assert.equal(
    (hello.result as { serverInfo: { name: string } }).serverInfo.name,
    "my-own-cluster",
  );
  const { result } = await ask({ id: "two", method: "tools/list" });
  const { tools } = result as { tools: { name: string; annotations: { readOnlyHint: boolean } }[] };
  const deploy = tools.find(({ name }) => name === "deploy_function");
  assert.equal(deploy?.annotations.readOnlyHint, false);
  assert.equal(tools.find(({ name }) => name === "read_log")?.annotations.readOnlyHint, true);
  const params = { name: "read_log", arguments: { limit: 1 } };
  const called = await ask({ id: 3, method: "tools/call", params });
  assert.deepEqual(called.result, {
    content: [{ type: "text", text: 'read_log {"limit":1}' }],
    isError: false,
  });
});

test("a tool that fails is an answer, not a broken protocol", async () => {
  const failed = await ask({ id: 1, method: "tools/call", params: { name: "read_key" } });
  assert.deepEqual(failed.result, {
    content: [{ type: "text", text: "MOC_NOT_FOUND: no such key" }],
    isError: true,
  });
  const unknown = await ask({ id: 1, method: "tools/call", params: { name: "toString" } });
  assert.equal((unknown.result as { isError: boolean }).isError, true);
});

test("what is no request is refused by code, notifications are not answered", async () => {
  assert.match(String(await answerLine("{", options)), /-32700/);
  assert.match(String(await answerLine("[]", options)), /-32700/);
  assert.match(String(await answerLine('{"id":1}', options)), /-32600/);
  assert.match(String(await answerLine('{"id":1,"method":"x"}', options)), /-32601/);
  assert.equal(await answerLine('{"method":"notifications/initialized"}', options), undefined);
});
