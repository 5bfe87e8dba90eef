import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { type TestContext, test } from "node:test";
import { MocError } from "../protocol/errors.ts";
import { type FunctionSummary, REST } from "../protocol/rest.ts";
import type { RestCall } from "../protocol/rest-vocabulary.ts";
import { testState } from "../storage/test-folder.ts";
import type { CallStart } from "./call.ts";
import { CallLog } from "./call-log.ts";
import { coreStatus } from "./core-status.ts";
import { Exchanges } from "./exchanges.ts";
import { Logs } from "./logs.ts";
import { readableStream } from "./operations/operation.ts";
import { PlatformOperations } from "./platform-operations.ts";
import { Stats } from "./stats.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Every field of the declaration. */
const FIELDS = [
  ...new Set(
    Object.values<RestCall>(REST).flatMap(({ path, query, body }) => [
      ...[...path.matchAll(/[!*]([^/]+)/g)].map((match) => match[1] ?? ""),
      ...Object.keys(query),
      ...(typeof body === "object" ? Object.keys(body) : []),
    ]),
  ),
];

const GOOD = {
  name: "n",
  path: "/p",
  tech_id: "0".repeat(64),
  method: "get",
  content_type: "text/plain",
  key: "k",
  "filter-id": "f",
  id: "1",
};

async function setUp(t: TestContext) {
  const state = await testState(t);
  const started: CallStart[] = [];
  const operations = new PlatformOperations({
    state,
    stats: new Stats(),
    logs: new Logs(state.events),
    callLog: new CallLog(),
    exchanges: new Exchanges(),
    isExecutable: (contentType) => contentType === "text/javascript",
    prepare: async () => undefined,
    runner: {
      run: (start) => {
        started.push(start);
        return Promise.reject(new MocError("MOC_STOPPING", "runs nothing"));
      },
    },
    archive: {
      backup: () => readBytes("backup"),
      exportDatabase: () => readBytes("{}"),
      restore: async (archive) => {
        let count = 0;
        for await (const part of archive) count += part.length;
        return count;
      },
    },
    debugging: {
      open: () => Promise.reject(new MocError("MOC_STOPPING", "debugs nothing")),
      isDebugged: () => false,
      close: async () => false,
    },
    facts: {
      signInPath: () => "/sign-in?code=x",
      version: "1",
      url: () => "https://localhost:1",
      dataFolder: "/data",
      startedAt: 0,
      executors: () => [],
      gpu: async () => ({ none: true }),
      gpuState: () => ({ state: "idle" }),
      store: () => ({ state: "ok" }),
      checkShader: async () => ({ problems: [] }),
      stop: () => undefined,
    },
  });
  return { state, operations, started };
}

async function* readBytes(text: string): AsyncGenerator<Uint8Array> {
  yield bytes(text);
}

test("there is an operation for each REST call, but for the API's own document", async (t) => {
  const { operations } = await setUp(t);
  const missing = Object.keys(REST).filter((name) => !operations.names.includes(name));
  assert.deepEqual(missing, ["openapi"]);
  await assert.rejects(operations.run("constructor", {}), { code: "MOC_BAD_REQUEST" });
  await assert.rejects(operations.run("status", []), { code: "MOC_BAD_REQUEST" });
});

test("whatever the arguments are, an operation answers or fails with an error of ours", async (t) => {
  const { operations } = await setUp(t);
  const values = [
    null,
    0,
    -1,
    Number.POSITIVE_INFINITY,
    "",
    "\0",
    "x".repeat(5000),
    [],
    [null],
    {},
    { length: 9 },
    true,
  ];
  const fields = (value: unknown) =>
    Object.fromEntries(FIELDS.map((field) => [field, value] as const));
  const whole = ["name", "path", "tech_id", "method", "content_type", "key", "filter-id", "id"];
  for (const name of operations.names) {
    for (const value of values) {
      for (const argument of [
        value,
        fields(value),
        ...whole.map((one) => ({ ...GOOD, [one]: value })),
      ]) {
        try {
          const { stream } = await operations.run(name, argument, new Uint8Array(3));
          stream?.close();
        } catch (error) {
          const title = `${name} ${JSON.stringify(argument)?.slice(0, 200)}: ${error}`;
          assert.ok(error instanceof MocError && error.code !== "MOC_INTERNAL", title);
        }
      }
    }
  }
});

test("a deploy that says so waits for its blob; another one is refused", async (t) => {
  const { state, operations } = await setUp(t);
  const blob = bytes("function a() {}");
  const wanted = { name: "fn", tech_id: hash("sha256", blob, "hex"), settings: {} };
  await assert.rejects(operations.run("deploy", wanted), { code: "MOC_NOT_FOUND" });
  const deployed = operations.run("deploy", { ...wanted, blob_follows: true });
  await operations.run("putBlob", { content_type: "text/javascript" }, blob);
  await deployed;
  assert.equal(state.names.get("fn")?.techID, wanted.tech_id);
});

test("functions and static sites are listed, other names are not", async (t) => {
  const { operations } = await setUp(t);
  const deploy = async (name: string, contentType: string, settings: object): Promise<void> => {
    const blob = bytes(name);
    await operations.run("putBlob", { content_type: contentType }, blob);
    await operations.run("deploy", { name, tech_id: hash("sha256", blob, "hex"), settings });
  };
  await deploy("site", "application/x-moc-static-site", { language: "static-site" });
  await deploy("script", "text/javascript", { language: "javascript" });
  await operations.run("putBlob", { content_type: "text/plain", name: "notes" }, bytes("notes"));
  const { json } = (await operations.run("functions", {})) as {
    readonly json: { readonly functions: readonly FunctionSummary[] };
  };
  assert.deepEqual(
    json.functions.map(({ name }) => name),
    ["script", "site"],
  );
});

test("a blob comes as bytes or as a stream, with a name or without", async (t) => {
  const { state, operations } = await setUp(t);
  const events = state.events.subscribe({ kinds: new Set(["deployed"]) });
  const argument = { content_type: "text/javascript", name: "fn", settings: { start: "a" } };
  const { json } = await operations.run("registerBlob", argument, bytes("x"));
  const { tech_id } = json as { tech_id: string };
  const stream = readableStream(bytes("x"));
  const again = await operations.run(
    "putBlob",
    { content_type: "text/javascript", name: "fn" },
    stream,
  );
  assert.deepEqual(again.json, { status: true, tech_id, length: 1 });
  assert.equal(state.names.get("fn")?.settings.start, "a", "settings stay when none are given");
  const told = await events.next(100);
  assert.ok(Array.isArray(told) && told.length === 1, "a name that stays tells nobody");
});

test("a call is started as the request says", async (t) => {
  const { operations, started } = await setUp(t);
  const argument = {
    name: "fn",
    start_function: "s",
    mode: "posix",
    headers: { "X-A": "1" },
    posix_arguments: ["a"],
    timeout_ms: 5,
  };
  await assert.rejects(operations.run("callFunction", argument, bytes("in")), /runs nothing/);
  const [start] = started;
  assert.equal(start?.trigger, "rest");
  assert.deepEqual(start?.headers, { "x-a": "1" });
  assert.deepEqual(start?.posixArguments, ["a"]);
  assert.equal(start?.timeoutMs, 5);
  assert.equal(Buffer.from(start?.body ?? "").toString(), "in");
});

test("a stream can be read in any pieces, and closing it ends its source", async () => {
  const ended = Promise.withResolvers<void>();
  async function* source() {
    try {
      for (;;) yield bytes("abcdef");
    } finally {
      ended.resolve();
    }
  }
  const stream = readableStream(source());
  const read = async (most: number) => Buffer.from((await stream.read(most)) ?? "").toString();
  assert.equal(await read(4), "abcd");
  assert.equal(await read(4), "ef");
  assert.equal(await read(100), "abcdef");
  stream.close();
  stream.close();
  assert.equal(await stream.read(10), undefined);
  await ended.promise;
  assert.equal(await readableStream(new Uint8Array()).read(1), undefined);
});

test("get_status has the original's form, and keeps plug data from those who may not see it", async (t) => {
  const { state, operations } = await setUp(t);
  const stats = new Stats();
  stats.count("nb_received_request");
  await operations.run("plugFunction", {
    method: "GET",
    path: "/a/!b",
    name: "fn",
    data: "secret",
  });
  const status = JSON.parse(coreStatus(state, stats, true));
  assert.deepEqual(Object.keys(status), ["plugs", "blob_names", "blobs", "filters", "statistics"]);
  assert.equal(JSON.parse(status.plugs["get//a/!b"]).data, "secret");
  assert.equal(status.statistics.nb_received_request, 1);
  assert.doesNotMatch(coreStatus(state, stats, false), /secret/);
});

test("metrics are lines that Prometheus reads", async (t) => {
  const { operations } = await setUp(t);
  const { stream } = await operations.run("metrics", {});
  const text = Buffer.from((await stream?.read(1e6)) ?? "").toString();
  for (const line of text.trimEnd().split("\n")) {
    assert.match(
      line,
      /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="[^"\n]*"(,[a-z]+="[^"]*")*\})? [-+0-9.e]+)$/,
    );
  }
});
