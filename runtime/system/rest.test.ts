import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { CallExchange } from "../protocol/model.ts";
import { REST, type RestName } from "../protocol/rest.ts";
import { type RestInput, RestRuntime } from "./test-rest.ts";

const HELLO = `
var moc = requireApi("core");
function hello() {
  var name = moc.readExchangeBufferHeaders(moc.getInputBufferId())["x-moc-path-param-name"];
  moc.printDebug("saying hello");
  moc.writeExchangeBuffer(moc.getOutputBufferId(), "hello " + (name || "nobody"));
  return 201;
}
function echo() {
  moc.writeExchangeBuffer(moc.getOutputBufferId(), moc.readExchangeBuffer(moc.getInputBufferId()));
  return 200;
}
function fail() { throw new Error("on purpose"); }
`;
const base64 = (text: string) => Buffer.from(text).toString("base64");

let rest: RestRuntime;
before(async () => {
  rest = await RestRuntime.start();
});
after(() => rest.stop());

/** Makes a call that must succeed. */
async function ok(name: RestName, input?: RestInput): Promise<Record<string, unknown>> {
  const answer = await rest.call(name, input);
  assert.equal(answer.status, 200, answer.bytes.toString());
  assert.equal(answer.json.status, true);
  return answer.json;
}

async function upload(source: string): Promise<string> {
  const { tech_id } = await ok("putBlob", {
    body: source,
    headers: { "content-type": "text/javascript" },
  });
  return String(tech_id);
}

test("the original's calls, with the original's answers", async () => {
  const techID = hash("sha256", HELLO, "hex");
  const blob = { name: "hello", content_type: "text/javascript", bytes: base64(HELLO) };
  assert.deepEqual(await ok("registerBlob", { body: blob }), { status: true, tech_id: techID });
  const plug = { method: "GET", path: "/hello/!name", name: "hello", start_function: "hello" };
  const tags = { category: "test" };
  assert.deepEqual(await ok("plugFunction", { body: { ...plug, data: "", tags } }), {
    status: true,
  });
  const answer = await rest.send("GET", "/hello/ann");
  assert.equal(answer.statusCode, 201);
  assert.equal(String((await once(answer, "data"))[0]), "hello ann");

  // The original's client always sends what Go calls the zero value.
  const call = {
    name: "hello",
    start_function: "echo",
    mode: "direct",
    input: base64("in"),
    arguments: [],
  };
  const called = await ok("callFunction", { body: call });
  assert.equal(called.result, 200);
  assert.equal(called.output, base64("in"));

  const file = { method: "get", path: "/file", name: `techID://${techID}`, tags: null };
  assert.deepEqual(await ok("plugFile", { body: file }), { status: true });
  assert.equal((await rest.send("GET", "/file")).statusCode, 200);
  assert.deepEqual(await ok("unplug", { body: { method: "GET", path: "/file" } }), {
    status: true,
  });
  assert.equal((await rest.send("GET", "/file")).statusCode, 404);
  assert.deepEqual(await ok("unplug", { body: { method: "GET", path: "/file" } }), {
    status: true,
    removed: false,
  });

  const filter = { name: "nothing", start_function: "filter", data: "d" };
  const first = await ok("plugFilter", { body: filter });
  assert.deepEqual(await ok("plugFilter", { body: filter }), first);
  const { filters } = await ok("filters");
  assert.equal((filters as unknown[]).length, 1);
  await ok("unplugFilter", { path: { "filter-id": String(first.filter_id) } });

  const { json } = await rest.call("exportDatabase");
  assert.equal(json["/blobs/byname/hello"], base64(techID));
});

test("bad input is answered with status 400 and a message naming the field", async () => {
  const cases: readonly [RestName, RestInput, RegExp][] = [
    ["registerBlob", { body: "{" }, /body is not JSON/],
    ["registerBlob", { body: "[]" }, /must be a JSON object/],
    ["registerBlob", { body: { bytes: "" } }, /content_type is missing/],
    [
      "registerBlob",
      { body: { content_type: "text/plain", bytes: "***" } },
      /field bytes is not base64/,
    ],
    ["registerBlob", { body: { content_type: "x", bytes: "" } }, /content_type/],
    ["registerBlob", { body: { content_type: "text/plain", bytes: "", nmae: "x" } }, /nmae/],
    ["registerBlob", { body: { content_type: "text/plain", bytes: "", name: "a\nb" } }, /name/],
    [
      "registerBlob",
      { body: { content_type: "text/plain", bytes: "", name: "s", settings: { mode: "x" } } },
      /settings.mode/,
    ],
    [
      "plugFunction",
      { body: { method: "GET", path: "nope", name: "x" } },
      /"nope" must start with/,
    ],
    ["plugFunction", { body: { method: "G T", path: "/a", name: "x" } }, /method/],
    ["plugFunction", { body: { method: "get", path: "/a", name: 5 } }, /name must be a string/],
    ["plugFunction", { body: { method: "get", path: "/a", name: "x", tags: { a: 1 } } }, /tags.a/],
    ["plugFile", { body: { method: "get", path: "/a" } }, /name is missing/],
    ["unplug", { body: { method: "get" } }, /path is missing/],
    ["callFunction", { body: { name: "hello", mode: "other" } }, /mode/],
    ["callFunction", { body: { name: "hello", input: "*" } }, /field input is not base64/],
    ["callFunction", { body: { name: "hello", arguments: ["1"] } }, /arguments/],
    ["callFunction", { body: { name: "hello", timeout_ms: 0 } }, /timeout_ms/],
    ["plugFilter", { body: { name: "" } }, /name is empty/],
    ["deploy", { body: { name: "x" } }, /tech_id is missing/],
    ["deploy", { body: { name: "x", tech_id: "y", plugs: [1] } }, /plugs/],
    ["deploy", { body: { name: "x", tech_id: "y", plugs: [{}] } }, /plugs\[0\].path/],
    [
      "deploy",
      { body: { name: "x", tech_id: "y", settings: { limits: { timeoutMs: -1 } } } },
      /settings.limits.timeoutMs/,
    ],
    ["names", { query: "limit=0" }, /limit/],
    ["names", { query: "limit=many" }, /limit/],
    ["names", { query: "lmit=1" }, /lmit is not known/],
    ["names", { query: "limit=1&limit=2" }, /limit is given twice/],
    ["names", { query: "prefix=%zz" }, /percent/],
    ["logs", { query: "level=loud" }, /level/],
    ["events", { query: "kinds=call,nothing" }, /'nothing'/],
    ["call", { path: { id: "x" } }, /id/],
    ["callExchange", { path: { id: "x" } }, /id/],
    ["kvGet", { path: { key: "@" }, query: "key_base64=1" }, /key/],
    ["matchPlug", { query: "method=get" }, /path is missing/],
    ["restore", { body: "not a backup" }, /neither a backup .* nor an export-database/],
  ];
  for (const [name, input, message] of cases) {
    const answer = await rest.call(name, input);
    const title = `${name} ${JSON.stringify(input)}: ${answer.bytes}`;
    assert.equal(answer.status, 400, title);
    assert.equal(answer.json.status, false, title);
    assert.match(String(answer.json.message), message, title);
    assert.match(String(answer.json.code), /^MOC_/, title);
  }
});

test("what is not there is 404, and failures of functions keep their code", async () => {
  const zero = "0".repeat(64);
  const absent: readonly [RestName, RestInput][] = [
    ["name", { path: { name: "absent" } }],
    ["rollback", { path: { name: "absent" }, body: {} }],
    ["undeploy", { body: { name: "absent" } }],
    ["getBlob", { path: { tech_id: zero } }],
    ["headBlob", { path: { tech_id: zero } }],
    ["kvGet", { path: { key: "absent" } }],
    ["kvDelete", { path: { key: "absent" } }],
    ["call", { path: { id: "999999" } }],
    ["callFunction", { body: { name: "absent" } }],
    ["deploy", { body: { name: "x", tech_id: zero } }],
  ];
  for (const [name, input] of absent) {
    const { status, json } = await rest.call(name, input);
    assert.deepEqual([name, status, json.code], [name, 404, "MOC_NOT_FOUND"]);
  }
  const failed = await rest.call("callFunction", {
    body: { name: "hello", start_function: "fail" },
  });
  assert.deepEqual([failed.status, failed.json.code], [500, "MOC_GUEST_ERROR"]);
  assert.match(String(failed.json.message), /on purpose/);
  const own = await rest.call("undeploy", { body: { name: "core-api" } });
  assert.deepEqual([own.status, own.json.code], [409, "MOC_CONFLICT"]);
});

test("deploy, look, roll back, undeploy", async () => {
  const one = await upload(HELLO);
  const two = await upload(`${HELLO}// second`);
  const page = String(
    (await ok("putBlob", { body: "<p>", headers: { "content-type": "text/html" } })).tech_id,
  );
  const body = (tech_id: string) => ({
    name: "site",
    tech_id,
    settings: { start: "hello", language: "javascript" },
    plugs: [{ path: "/site/!name" }, { method: "post", path: "/site", start_function: "echo" }],
    files: [{ path: "/site/page", tech_id: page }],
  });
  const first = await ok("deploy", { body: body(one) });
  assert.equal(first.revision, 1);
  assert.equal((first.changed as unknown[]).length, 4);
  assert.deepEqual((await ok("deploy", { body: body(one) })).changed, []);
  await ok("deploy", { body: body(two) });
  const { functions } = await ok("functions");
  const site = (functions as { name: string; plugs: unknown[]; revision: number }[]).find(
    (one) => one.name === "site",
  );
  assert.deepEqual([site?.revision, site?.plugs.length], [2, 3]);
  const { plug, params } = await ok("matchPlug", { query: "method=GET&path=/site/a%252Fb" });
  assert.equal((plug as { owner: string }).owner, "site");
  assert.deepEqual(params, { name: "a/b" });
  const { plugs } = await ok("plugs");
  assert.ok((plugs as { path: string }[]).some((one) => one.path === "/site/page"));

  const back = await ok("rollback", { path: { name: "site" }, body: {} });
  assert.deepEqual([back.tech_id, back.revision], [one, 3]);
  const { name } = await ok("name", { path: { name: "site" } });
  assert.equal((name as { history: unknown[] }).history.length, 3);
  const names = await ok("names", { query: "prefix=si&limit=1" });
  assert.equal((names.names as unknown[]).length, 1);
  const gone = await ok("undeploy", { body: { name: "site" } });
  assert.equal((gone.changed as unknown[]).length, 4);
  assert.equal((await rest.send("GET", "/site/page")).statusCode, 404);
});

test("blobs as raw bytes, both ways, without running as a page", async () => {
  const content = Buffer.alloc(3_000_000, 7);
  const { tech_id, length } = await ok("putBlob", {
    query: "name=raw",
    body: content,
    headers: { "content-type": "application/x-raw" },
  });
  assert.equal(length, content.length);
  const answer = await rest.call("getBlob", { path: { tech_id: String(tech_id) } });
  assert.deepEqual(answer.bytes, content);
  assert.equal(answer.headers["content-type"], "application/x-raw");
  assert.match(String(answer.headers["content-security-policy"]), /sandbox/);
  const info = await ok("headBlob", { path: { tech_id: String(tech_id) } });
  assert.equal(info.contentType, "application/x-raw");
});

test("the key-value store is browsed and edited, also by etag and with any bytes", async () => {
  const put = (key: string, body: string, headers = {}) =>
    rest.call("kvPut", { path: { key }, body, headers });
  const etag = String((await put("dir/a ö", "one")).json.etag);
  const read = await rest.call("kvGet", { path: { key: "dir/a ö" } });
  assert.equal(read.bytes.toString(), "one");
  assert.equal(read.headers.etag, `"${etag}"`);
  assert.equal((await put("dir/a ö", "two", { "if-match": `"${etag}"` })).status, 200);
  const late = await put("dir/a ö", "three", { "if-match": `"${etag}"` });
  assert.deepEqual([late.status, late.json.code], [409, "MOC_CONFLICT"]);
  assert.equal((await put("new", "x", { "if-none-match": "*" })).status, 200);
  assert.equal((await put("new", "x", { "if-none-match": "*" })).status, 409);
  const key = Buffer.from([0xff, 0x00]).toString("base64url");
  await ok("kvPut", { path: { key }, query: "key_base64=1", body: new Uint8Array([0, 0xff]) });
  const odd = await rest.call("kvGet", { path: { key }, query: "key_base64=1" });
  assert.deepEqual([...odd.bytes], [0, 0xff]);
  const page = await ok("kvList", { query: "delimiter=/&limit=1" });
  assert.deepEqual(page.prefixes, ["dir/"]);
  assert.equal(page.next, "dir/");
  const { entries } = await ok("kvList", { query: `delimiter=/&after=${page.next}` });
  assert.deepEqual((entries as { key_base64: string }[]).map((one) => one.key_base64).slice(-1), [
    key,
  ]);
  await ok("kvDelete", { path: { key }, query: "key_base64=1" });
  const empty = await put("empty", "");
  assert.equal(empty.status, 200);
  assert.equal((await rest.call("kvGet", { path: { key: "empty" } })).bytes.length, 0);
});

test("calls, logs, status, metrics and the API's own document", async () => {
  const { call_id } = await ok("callFunction", {
    body: { name: "hello", start_function: "hello" },
  });
  const report = await ok("call", { path: { id: String(call_id) } });
  assert.equal((report.call as { trigger: string }).trigger, "rest");
  assert.equal((report.logs as { text: string }[])[0]?.text, "saying hello");
  const { calls } = await ok("calls", { query: "function=hello&limit=1" });
  assert.equal((calls as { id: number }[])[0]?.id, call_id);
  const { calls: failures } = await ok("calls", { query: "errors=1" });
  assert.ok((failures as { error?: unknown }[]).every((one) => one.error));
  const { lines } = await ok("logs", { query: "function=hello&level=debug&limit=1" });
  assert.equal((lines as unknown[]).length, 1);
  const status = await ok("status");
  assert.equal(status.pid, process.pid);
  assert.ok((status.counters as { calls: number }).calls > 0);
  await ok("gpu");
  const shader = {
    content_type: "text/wgsl",
    source: "fn main() { nothing; }",
    name: "wrong.wgsl",
  };
  const { problems } = await ok("checkShader", { body: shader });
  assert.equal((problems as { line: number }[])[0]?.line, 1);
  const metrics = await rest.call("metrics");
  assert.match(metrics.bytes.toString(), /moc_calls_total\{function="hello"\} [1-9]/);
  const document = await rest.call("openapi");
  assert.equal(document.json.openapi, "3.1.0");
});

test("a call's headers and bodies can be looked at afterwards, its secrets cannot", async () => {
  const plug = { method: "POST", path: "/echo", name: "hello", start_function: "echo" };
  await ok("plugFunction", { body: { ...plug, data: "" } });
  const answer = await rest.send("POST", "/echo?a=1", {
    body: "looked at",
    headers: { "x-own": "yes", cookie: "a=s3cret" },
  });
  const id = String(answer.headers["x-moc-call-id"]);
  answer.resume();
  const { exchange } = await ok("callExchange", { path: { id } });
  const { request, response } = exchange as CallExchange;
  assert.equal(request.headers["x-own"], "yes");
  assert.deepEqual([...request.hidden].sort(), ["authorization", "cookie"]);
  assert.equal(request.body_base64, base64("looked at"));
  assert.equal(response?.body_base64, base64("looked at"));
  assert.doesNotMatch(
    JSON.stringify(exchange),
    new RegExp(`s3cret|${rest.runtime.instance.token}`),
  );
  const { calls } = await ok("calls", { query: "function=core-api&limit=1" });
  const own = await rest.call("callExchange", {
    path: { id: String((calls as { id: number }[])[0]?.id) },
  });
  assert.deepEqual([own.status, own.json.code], [404, "MOC_NOT_FOUND"]);
});

test("events come while they happen", async () => {
  const stream = await rest.open("events", { query: "kinds=kv,deployed" });
  assert.equal(stream.headers["content-type"], "text/event-stream");
  let text = "";
  stream.on("data", (chunk) => {
    text += chunk;
  });
  await once(stream, "data");
  await rest.call("kvPut", { path: { key: "watched" }, body: "1" });
  while (!text.includes("\n\n", text.indexOf("event: kv"))) await once(stream, "data");
  assert.match(
    text,
    /event: kv\ndata: \{"kind":"kv","at":\d+,"key":"watched","deleted":false\}\n\n/,
  );
  stream.destroy();
  // A reader that went away must not be kept informed for ever.
  while (rest.runtime.state.events.wants("kv")) await setTimeout(5);
});

test("a backup restores what was there, and the REST API goes on", async () => {
  await rest.call("kvPut", { path: { key: "kept" }, body: "1" });
  const backup = await rest.call("backup");
  assert.equal(backup.headers["content-type"], "application/gzip");
  await rest.call("kvPut", { path: { key: "kept" }, body: "2" });
  await rest.call("kvPut", { path: { key: "later" }, body: "2" });
  const refused = await rest.call("restore", { body: backup.bytes.subarray(0, -300) });
  assert.deepEqual([refused.status, refused.json.code], [400, "MOC_ARCHIVE"]);
  assert.equal((await rest.call("kvGet", { path: { key: "kept" } })).bytes.toString(), "2");
  const { entries } = await ok("restore", { body: backup.bytes });
  assert.ok(Number(entries) > 0);
  assert.equal((await rest.call("kvGet", { path: { key: "kept" } })).bytes.toString(), "1");
  assert.equal((await rest.call("kvGet", { path: { key: "later" } })).status, 404);
  await ok("callFunction", { body: { name: "hello", start_function: "hello" } });
});

test("without the token nothing is answered", async () => {
  const answer = await rest.send("GET", "/my-own-cluster/api/status", {
    headers: { authorization: "Bearer wrong" },
  });
  assert.equal(answer.statusCode, 401);
});

test("a link that was asked for signs in one browser, once", async () => {
  const { path } = await ok("signInLink");
  const visit = async () => {
    const answer = await rest.send("GET", String(path), { headers: { authorization: "" } });
    answer.resume();
    return answer;
  };
  const first = await visit();
  assert.ok(first.headers["set-cookie"]?.length === 1);
  const second = await visit();
  assert.equal(second.statusCode, 401);
  assert.equal(second.headers["set-cookie"], undefined);
});

test("scripts are not debugged, and what is not debugged cannot be ended", async () => {
  await ok("registerBlob", {
    body: { name: "script", content_type: "text/javascript", bytes: base64(HELLO) },
  });
  const answer = await rest.call("debugOpen", { body: { name: "script", source_maps: true } });
  assert.equal(answer.status, 400);
  assert.match(String(answer.json.message), /only WebAssembly/);
  const { closed } = await ok("debugClose", { body: { id: "none" } });
  assert.equal(closed, false);
});

test("blobs that nothing refers to are counted, and none goes within the hour", async () => {
  await ok("putBlob", { body: "nobody names me", headers: { "content-type": "text/plain" } });
  for (const body of [{ dry_run: true }, {}]) {
    assert.deepEqual(await ok("removeUnusedBlobs", { body }), { status: true, blobs: 0, bytes: 0 });
  }
  const bad = await rest.call("removeUnusedBlobs", { body: { dry_run: "maybe" } });
  assert.equal(bad.status, 400);
  assert.match(String(bad.json.message), /dry_run/);
});

test("stop answers, then stops; every call of the declaration was made", async () => {
  await ok("stop");
  await rest.runtime.ended;
  const missing = Object.keys(REST).filter((name) => !rest.called.has(name as RestName));
  assert.deepEqual(missing, []);
});
