/**
 * What is known to be tried against platforms like this one, against a whole runtime. Named after
 * the rows of the attack list. After each attack another function still answers and no call is left.
 * Tested at their own edges: smuggling and malformed requests (server/malformed.test.ts), redirects
 * and addresses (server/outbound.test.ts), Host, Origin and sessions (server/admin-area.test.ts),
 * archives (storage/archive.test.ts), virtual paths (engines/wasm/wasi/path-functions.test.ts).
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as httpRequest, type Server } from "node:http";
import inspector from "node:inspector";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as tlsConnect } from "node:tls";
import { WebSocket } from "ws";
import { startTestRuntime, type TestAnswer, type TestRuntime } from "./runtime.fixture.ts";

const PATIENT = { cpuMs: 60_000, timeoutMs: 60_000 };

let host: TestRuntime;
/** A server on this machine that the operator listed; it keeps its answers open. */
let listed: Server;
let listedPort = 0;
/** The same, not listed. */
let hidden: Server;
let hiddenPort = 0;
const reached: string[] = [];

before(async () => {
  listed = createServer((request, response) => {
    reached.push(`listed ${request.url}`);
    if (request.url === "/redirect") {
      response.writeHead(302, { location: `http://127.0.0.1:${hiddenPort}/secret` }).end();
      return;
    }
    response.writeHead(200, { "content-type": "text/plain" });
    response.write("begun");
  });
  hidden = createServer((request, response) => {
    reached.push(`hidden ${request.url}`);
    response.end("secret");
  });
  for (const server of [listed, hidden]) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  listedPort = (listed.address() as AddressInfo).port;
  hiddenPort = (hidden.address() as AddressInfo).port;
  host = await startTestRuntime({ allowOutbound: [`127.0.0.1:${listedPort}`] });
  await host.deploy({
    name: "hello",
    js: "export default { fetch: () => new Response('hello') };",
  });
});

afterEach(async () => {
  assert.equal((await host.get("/hello")).text, "hello", "other functions go on");
  await until(() => host.runtime.calls.running === 0, "all calls have ended");
});

after(async () => {
  await host[Symbol.asyncDispose]();
  for (const server of [listed, hidden]) {
    server.closeAllConnections();
    server.close();
  }
});

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    if (await holds()) return;
    await sleep(10);
  }
  assert.fail(`not within 30 s: ${what}`);
}

const rest = (path: string, headers: Record<string, string> = {}): Promise<TestAnswer> =>
  host.get(`/my-own-cluster/api${path}`, {
    headers: { authorization: `Bearer ${host.runtime.instance.token}`, ...headers },
  });

async function busyExecutors(name: string): Promise<number> {
  const { executors } = JSON.parse((await rest("/status")).text) as {
    executors: { function: string; state: string }[];
  };
  return executors.filter((one) => one.function === name && one.state === "busy").length;
}

/** Sends a request and goes away once it runs. */
async function leave(path: string): Promise<void> {
  const port = host.runtime.instance.httpPort ?? 0;
  const request = httpRequest({ host: "127.0.0.1", port, path, agent: false });
  request.on("error", () => undefined);
  request.end();
  await until(() => host.runtime.calls.running > 0, "the request runs");
  request.destroy();
}

const js = (body: string) => `export default { async fetch(request, env) { ${body} } };`;

test("endless loop: others answer meanwhile, and it ends when its client leaves", async () => {
  await host.deploy({ name: "loop", js: js("for (;;);"), settings: { limits: PATIENT } });
  await leave("/loop");
  assert.equal((await host.get("/hello")).text, "hello");
  await until(async () => (await busyExecutors("loop")) === 0, "nothing computes any more");
});

test("endless loop: a call of the same function does not wait for it", async () => {
  await host.deploy({
    name: "sometimes",
    js: js("if (request.headers.get('x-loop')) for (;;); return new Response('fine');"),
    settings: { limits: { cpuMs: 3000, timeoutMs: 60_000 } },
  });
  const looping = host.get("/sometimes", { headers: { "x-loop": "1" } });
  await until(async () => (await busyExecutors("sometimes")) > 0, "it loops");
  const answers = await Promise.all([1, 2, 3].map(() => host.get("/sometimes")));
  assert.deepEqual(
    answers.map(({ text }) => text),
    ["fine", "fine", "fine"],
  );
  assert.equal((await looping).json.code, "MOC_LIMIT_CPU");
});

test("endless loop: many short calls one after the other are none", async () => {
  await host.deploy({
    name: "short-work",
    js: js("for (const end = Date.now() + 20; Date.now() < end; ); return new Response('done');"),
    settings: { limits: { cpuMs: 1000, timeoutMs: 60_000 } },
  });
  // Together twice the limit, in as many executors as there are.
  const answers = await Promise.all(Array.from({ length: 200 }, () => host.get("/short-work")));
  assert.deepEqual(new Set(answers.map(({ text }) => text)), new Set(["done"]));
});

test("endless waiting: who leaves a waiting call costs its neighbours nothing", async () => {
  await host.deploy({
    name: "waits",
    js: js(`if (request.headers.get("x-for-ever")) await new Promise((done) => setTimeout(done, 1e8));
      await new Promise((done) => setTimeout(done, 300)); return new Response("served");`),
    settings: { limits: PATIENT },
  });
  const others = Array.from({ length: 20 }, () => host.get("/waits"));
  const port = host.runtime.instance.httpPort ?? 0;
  const gone = Array.from({ length: 20 }, () => {
    const headers = { "x-for-ever": "1" };
    const request = httpRequest({ host: "127.0.0.1", port, path: "/waits", headers, agent: false });
    request.on("error", () => undefined);
    return request.end();
  });
  await until(() => host.runtime.calls.running > 20, "both kinds run");
  for (const request of gone) request.destroy();
  assert.deepEqual(
    new Set((await Promise.all(others)).map(({ text }) => text)),
    new Set(["served"]),
  );
});

test("endless waiting: a call that ends takes the calls that it made with it", async () => {
  await host.deploy({
    name: "child",
    js: js("await new Promise((done) => setTimeout(done, 1e8));"),
    settings: { limits: PATIENT },
  });
  await host.deploy({
    name: "parent",
    js: js("return env.call('child');"),
    settings: { limits: PATIENT },
  });
  await leave("/parent");
  await until(() => host.runtime.calls.running === 0, "parent and child have ended");

  await host.deploy({
    name: "hasty-parent",
    js: js(`const seen = [];
      try { await env.call("child", { timeoutMs: 200 }); } catch (error) { seen.push(error.code); }
      return Response.json(seen);`),
  });
  assert.deepEqual(JSON.parse((await host.get("/hasty-parent")).text), ["MOC_LIMIT_TIME"]);
});

test("memory bomb in JS, broken engine after bomb: the same function answers right afterwards", async () => {
  await host.deploy({
    name: "bomb",
    js: js(`const kind = request.headers.get("x-bomb");
      const kept = [];
      if (kind === "objects") for (let i = 0; ; i++) kept.push({ ["key" + i]: { i } });
      if (kind === "buffers") for (;;) kept.push(new ArrayBuffer(1e6));
      if (kind === "strings") for (let text = "x"; ; ) kept.push((text += text));
      if (kind === "deep") { let deep = []; for (;;) deep = [deep]; }
      return new Response(JSON.stringify([1, "two", { three: [] }]));`),
    settings: { limits: { ...PATIENT, memoryMiB: 12 } },
  });
  for (const kind of ["objects", "buffers", "strings", "deep"]) {
    const bombed = await host.get("/bomb", { headers: { "x-bomb": kind } });
    assert.ok(bombed.status >= 500, `${kind}: ${bombed.status} ${bombed.text}`);
    assert.equal((await host.get("/bomb")).text, `[1,"two",{"three":[]}]`, kind);
  }
});

const RECURSIONS: Readonly<Record<string, string>> = {
  nothing: "",
  calls: "const call = () => call() + 1; call();",
  "JSON to read": 'JSON.parse("[".repeat(1e5));',
  "JSON to write":
    "let deep = []; for (let i = 0; i < 1e5; i++) deep = [deep]; JSON.stringify(deep);",
  proxies: "let proxy = {}; for (let i = 0; i < 1e5; i++) proxy = new Proxy(proxy, {}); proxy.any;",
  getters: "const object = { get self() { return this.self; } }; object.self;",
  expressions: 'new RegExp("(".repeat(1e5));',
  "regular matching": '/(a*)*b/.test("a".repeat(30) + "c");',
  source: 'new Function("return " + "(".repeat(1e5));',
};

test("deep recursion: whatever recurses ends its own call at most", async () => {
  const cases = Object.entries(RECURSIONS).map(([name, code]) => `"${name}": () => { ${code} }`);
  await host.deploy({
    name: "deep",
    js: js(`const cases = { ${cases.join(",\n")} };
      try { cases[request.headers.get("x-case")](); return new Response("survived"); }
      catch (error) { return new Response("caught " + error.name); }`),
    settings: { limits: { cpuMs: 500, timeoutMs: 60_000 } },
  });
  for (const name of Object.keys(RECURSIONS)) {
    const answer = await host.get("/deep", { headers: { "x-case": name } });
    const ended = ["MOC_LIMIT_STACK", "MOC_LIMIT_CPU", "MOC_LIMIT_MEMORY", "MOC_GUEST_ERROR"];
    assert.ok(
      answer.status === 200 || ended.includes(answer.json.code ?? ""),
      `${name}: ${answer.text}`,
    );
    const after = await host.get("/deep", { headers: { "x-case": "nothing" } });
    assert.equal(after.text, "survived", `after ${name}: ${after.text}`);
  }
});

test("host-side memory: what the host holds for a guest is counted and given back", async () => {
  await host.deploy({
    name: "hoard",
    js: `var moc = requireApi("core");
      function run() {
        var part = "x".repeat(1048576);
        for (var written = 0; ; written++) {
          var id = moc.createExchangeBuffer();
          try { moc.writeExchangeBuffer(id, part); }
          catch (error) { moc.freeBuffer(id - 1); moc.writeExchangeBuffer(moc.getOutputBufferId(), written + " " + error.code); return 200; }
        }
      }`,
    settings: { start: "run", limits: { ...PATIENT, requestMiB: 4, responseMiB: 8 } },
  });
  for (let round = 0; round < 5; round++) {
    assert.equal((await host.get("/hoard")).text, "12 MOC_LIMIT_RESPONSE");
  }
});

// The script catches refusals because they are not what is looked at: what the host kept of them is.
test("host heap by guest-chosen size: texts that the host keeps are cut", async () => {
  await host.deploy({
    name: "wordy",
    js: js(`const long = "x".repeat(5e6);
      try { await env.call("hello", { startFunction: long }); } catch {}
      try { await env.call(long); } catch {}
      try { await env.publish(long, "x"); } catch {}
      console.log(long);
      throw new Error(long);`),
    settings: { limits: PATIENT },
  });
  const answer = await host.get("/wordy");
  assert.equal(answer.json.code, "MOC_GUEST_ERROR");
  assert.ok(answer.text.length < 50_000, `the answer has ${answer.text.length} characters`);
  for (const path of ["/calls?function=wordy", "/calls?function=hello", "/logs?function=wordy"]) {
    const { text } = await rest(path);
    assert.ok(text.length < 400_000, `${path} has ${text.length} characters`);
  }
});

test("host heap by guest-chosen size: too many headers", async () => {
  await host.deploy({
    name: "heads",
    js: `var moc = requireApi("core");
      function run() {
        var id = moc.createExchangeBuffer();
        try { for (var i = 0; ; i++) moc.writeExchangeBufferHeader(id, "x-" + i, "value"); }
        catch (error) { moc.writeExchangeBuffer(moc.getOutputBufferId(), error.code); }
        return 200;
      }`,
    settings: { start: "run", limits: PATIENT },
  });
  assert.equal((await host.get("/heads")).text, "MOC_LIMIT_RESPONSE");
});

test("handle leak: outgoing answers that nobody reads are bounded, and closed with the call", async () => {
  await host.deploy({
    name: "leaky",
    js: js(`const open = [];
      for (let i = 0; i < 100; i++) {
        try { open.push(await fetch("http://127.0.0.1:${listedPort}/open")); }
        catch (error) { return new Response(open.length + " " + error.code); }
      }
      return new Response("no limit");`),
    settings: { limits: { ...PATIENT, buffers: 20 } },
  });
  const answer = await host.get("/leaky");
  assert.match(answer.text, /^1\d MOC_LIMIT_BUFFERS$/);
  const connections = () =>
    new Promise<number>((resolve) => listed.getConnections((_, count) => resolve(count)));
  await until(async () => (await connections()) === 0, "no connection is left");
});

test("data left from the last tenant: memory, new buffers and grown pages are empty", async () => {
  await host.deploy({
    name: "tenant",
    wat: `(module
      (import "core" "create_exchange_buffer" (func $new (result i32)))
      (import "core" "read_exchange_buffer" (func $read (param i32 i32 i32) (result i32)))
      (memory (export "memory") 2)
      (func (export "fill") (result i32)
        (drop (memory.grow (i32.const 2)))
        (memory.fill (i32.const 0) (i32.const 0xaa) (i32.const 262144)) (i32.const 200))
      (func (export "scan") (result i32) (local $at i32)
        (if (i32.ne (memory.size) (i32.const 2)) (then (return (i32.const 501))))
        (if (call $read (call $new) (i32.const 0) (i32.const 131072)) (then (return (i32.const 502))))
        (drop (memory.grow (i32.const 2)))
        (loop $next
          (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then (return (i32.const 503))))
          (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 262144))))
        (i32.const 200)))`,
    plugs: ["fill", "scan"].map((start) => ({ path: `/tenant/${start}`, start })),
    settings: { limits: PATIENT },
  });
  for (let round = 0; round < 3; round++) {
    await Promise.all([1, 2, 3].map(() => host.get("/tenant/fill")));
    const scans = await Promise.all([1, 2, 3, 4].map(() => host.get("/tenant/scan")));
    assert.deepEqual(
      scans.map(({ status }) => status),
      [200, 200, 200, 200],
    );
  }
});

test("log flood, terminal escapes: lines are bounded, and cannot steer a terminal", async () => {
  await host.deploy({
    name: "flood",
    js: js(`console.log("\\u001b[2J\\u001b]0;title\\u0007\\u202eevil\\r\\nnext");
      for (let i = 0; i < 200000; i++) console.log("");
      return new Response("ok");`),
    settings: { limits: { ...PATIENT, logKiB: 16 } },
  });
  assert.equal((await host.get("/flood")).text, "ok");
  const lines = host.runtime.logs.list({ function: "flood", limit: 100_000 });
  assert.ok(lines.length < 1000, `${lines.length} lines`);
  assert.match(lines.at(-1)?.text ?? "", /limits\.logKiB/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  for (const line of lines) assert.doesNotMatch(line.text, /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
  assert.match(lines[0]?.text ?? "", /\\x1b\[2J/);
});

test("log flood in start-up code", async () => {
  await host.deploy({
    name: "loud-start",
    js: `for (let i = 0; i < 100000; i++) console.log("starting"); ${js("return new Response('ok');")}`,
    settings: { limits: { ...PATIENT, logKiB: 16 } },
  });
  assert.equal((await host.get("/loud-start")).text, "ok");
  const lines = host.runtime.logs.list({ function: "loud-start", limit: 100_000 });
  assert.ok(lines.length < 1000, `${lines.length} lines`);
});

test("SSRF: every spelling of this machine, redirects, and the platform's own port", async () => {
  const { httpPort, port } = host.runtime.instance;
  await host.deploy({
    name: "ssrf",
    js: js(`const seen = {};
      for (const url of JSON.parse(request.headers.get("x-urls"))) {
        try { seen[url] = (await fetch(url)).status; } catch (error) { seen[url] = error.code; }
      }
      return Response.json(seen);`),
  });
  const urls = [
    `http://127.0.0.1:${hiddenPort}/`,
    `http://localhost:${hiddenPort}/`,
    `http://0x7f.1:${hiddenPort}/`,
    `http://2130706433:${hiddenPort}/`,
    `http://127.1:${hiddenPort}/`,
    `http://0.0.0.0:${hiddenPort}/`,
    `http://[::1]:${hiddenPort}/`,
    `http://[::ffff:127.0.0.1]:${hiddenPort}/`,
    `http://127.0.0.1:${listedPort}/redirect`,
    `http://127.0.0.1:${httpPort}/my-own-cluster/api/status`,
    `https://localhost:${port}/my-own-cluster/api/status`,
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "http://[fe80::1]/",
    "http://192.168.0.1/",
  ];
  reached.length = 0;
  const answer = await host.get("/ssrf", { headers: { "x-urls": JSON.stringify(urls) } });
  const denied = Object.fromEntries(urls.map((url) => [new URL(url).href, "MOC_OUTBOUND_DENIED"]));
  const seen = Object.entries(JSON.parse(answer.text)).map(([url, code]) => [
    new URL(url).href,
    code,
  ]);
  assert.deepEqual(Object.fromEntries(seen), denied);
  assert.deepEqual(reached, ["listed /redirect"]);
});

test("path escape: what is plugged is all that paths reach", async () => {
  const { state } = host.runtime;
  const { techID } = await state.blobs.register("text/plain", Buffer.from("public"));
  await state.plugs.plug({
    type: "file",
    method: "get",
    path: "/files/*path",
    name: `techID://${techID}`,
    tags: {},
  });
  for (const path of [
    "/files/..%2f..%2f..%2fetc/passwd",
    "/files/%2e%2e/token",
    "/files/CON",
    "/files/a%00b",
    "/files//etc/passwd",
    "/files/..\\..\\token",
  ]) {
    const { status, text } = await host.get(path);
    assert.ok(
      (status === 200 && text === "public") || status === 400 || status === 404,
      `${path}: ${status}`,
    );
    assert.doesNotMatch(text, /root:/);
  }
});

test("JS sandboxes in JS: nothing of the host is in reach of a guest", async () => {
  await host.deploy({
    name: "escape",
    js: js(`const seen = [typeof process, typeof require, typeof Buffer, typeof WebAssembly];
      for (const run of [
        () => Function("return typeof process")(),
        () => (async () => {}).constructor("return typeof process")(),
        () => Object.getPrototypeOf(function* () {}).constructor("yield typeof process")().next().value,
        () => request.constructor.constructor("return typeof require")(),
        () => env.kv.get.constructor("return typeof process")(),
      ]) { try { seen.push(await run()); } catch (error) { seen.push(error.name); } }
      try { await import("node:fs"); seen.push("imported"); } catch (error) { seen.push("refused"); }
      try { throw await env.call("nobody-has-this-name"); } catch (error) { seen.push(error.constructor.constructor("return typeof process")()); }
      return Response.json(seen);`),
  });
  const { text } = await host.get("/escape");
  const seen: string[] = JSON.parse(text);
  assert.ok(seen.includes("refused"), text);
  assert.ok(!seen.some((one) => ["object", "function", "imported"].includes(one)), text);
});

test("header CRLF: no guest writes a header line of its own, in or out", async () => {
  await host.deploy({
    name: "crlf",
    js: `var moc = requireApi("core");
      function answer() { moc.writeExchangeBufferHeader(moc.getOutputBufferId(), "x-a", "1\\r\\nx-injected: 1"); return 200; }
      function name() { moc.writeExchangeBufferHeader(moc.getOutputBufferId(), "x-a: 1\\r\\nx-injected", "1"); return 200; }
      function out() {
        var seen = [];
        [["x-a", "1\\r\\nx-injected: 1"], ["x-a\\r\\nx-b", "1"]].forEach(function (header) {
          var headers = {}; headers[header[0]] = header[1];
          try { moc.httpRequest("GET", "http://127.0.0.1:${listedPort}/crlf", headers, -1); seen.push("sent"); }
          catch (error) { seen.push(error.code); }
        });
        moc.writeExchangeBuffer(moc.getOutputBufferId(), seen.join()); return 200;
      }`,
    plugs: ["answer", "name", "out"].map((start) => ({ path: `/crlf/${start}`, start })),
  });
  reached.length = 0;
  for (const start of ["answer", "name"]) {
    const refused = await host.get(`/crlf/${start}`);
    assert.equal(refused.json.code, "MOC_GUEST_ERROR", refused.text);
    assert.equal(refused.headers["x-injected"], undefined);
  }
  assert.equal((await host.get("/crlf/out")).text, "MOC_BAD_REQUEST,MOC_BAD_REQUEST");
  assert.deepEqual(reached, []);
});

test("__proto__ headers: they are headers like others, through filters and back", async () => {
  await host.deploy({
    name: "proto-filter",
    js: `var moc = requireApi("core");
      function filter() {
        var headers = moc.readExchangeBufferHeaders(moc.getInputBufferId());
        if (headers["x-proto"]) moc.writeExchangeBufferHeader(moc.getInputBufferId(), "__proto__", "filtered");
      }`,
    plugs: [],
    filters: [{ start: "filter" }],
  });
  await host.deploy({
    name: "proto",
    js: js(`const names = [...request.headers.keys()].filter((name) => ["__proto__", "constructor", "hasownproperty"].includes(name));
      return new Response(names.map((name) => name + "=" + request.headers.get(name)).join(), { headers: { "__proto__": "back", "constructor": "too" } });`),
  });
  const headers = Object.fromEntries([
    ["__proto__", "1"],
    ["constructor", "2"],
    ["hasOwnProperty", "3"],
    ["x-proto", "1"],
  ]);
  const answer = await host.get("/proto", { headers });
  // Left out or kept, but never taken for anything else.
  assert.match(answer.text, /^(__proto__=filtered,)?constructor=2,hasownproperty=3$/);
  assert.equal(answer.headers.constructor, "too");
  await host.deploy({ name: "proto-filter", js: "function filter() {}", plugs: [] });
});

test("HTTP/2: it is not offered", async () => {
  const { port, certificate } = host.runtime.instance;
  const socket = tlsConnect({
    port,
    host: "localhost",
    ca: certificate,
    ALPNProtocols: ["h2", "http/1.1"],
  });
  await once(socket, "secureConnect");
  assert.equal(socket.alpnProtocol, "http/1.1");
  socket.destroy();
});

test("WebSocket: pages of other origins get none; a guest that ignores its end is ended", async () => {
  await host.deploy({
    name: "socket",
    js: `var moc = requireApi("core");
      function run() { for (;;) moc.sleep(20); }`,
    settings: { start: "run" },
  });
  const url = `${host.http.replace("http", "ws")}/socket`;
  const foreign = new WebSocket(url, { headers: { origin: "https://evil.example" } });
  const [, refusal] = await once(foreign, "unexpected-response");
  assert.equal(refusal.statusCode, 403);
  const own = new WebSocket(url);
  await once(own, "open");
  await until(() => host.runtime.calls.running > 0, "its call runs");
  own.terminate();
  await until(() => host.runtime.calls.running === 0, "its call has ended");
});

test("DNS rebinding, dashboard CSRF: a foreign Host or Origin gets nowhere, token or not", async () => {
  const foreign = [
    { host: "evil.example" },
    { host: "localhost.evil.example" },
    { origin: "https://evil.example" },
  ];
  for (const headers of foreign) {
    assert.equal((await rest("/status", headers as Record<string, string>)).status, 403);
  }
});

test("debug port: there is none", () => {
  assert.equal(inspector.url(), undefined);
  const listening = process.getActiveResourcesInfo().filter((one) => one === "TCPSERVERWRAP");
  // https and http on both loopback addresses at most, and the two servers of this file.
  assert.ok(listening.length <= 6, `${listening.length} servers listen`);
});

test("secrets leak: token, key and credentials are in no answer, log, export or guest", async () => {
  const { token } = host.runtime.instance;
  await host.deploy({
    name: "curious",
    js: js(`let failure = "";
      try { await fetch("http://user:hunter2@127.0.0.1:1/?key=hunter3"); } catch (error) { failure = String(error) + error.stack; }
      console.log(failure);
      return Response.json([[...request.headers], env.vars, failure]);`),
  });
  const asked = await host.get("/curious", { headers: { "x-own": "1" } });
  const texts = [asked.text];
  for (const path of [
    "/status",
    "/functions",
    "/names",
    "/plugs",
    "/filters",
    "/calls?limit=1000",
    "/logs?limit=1000",
    "/kv",
    "/metrics",
    "/openapi.json",
    "/admin/export-database",
  ]) {
    const answer = await rest(path);
    assert.equal(answer.status, 200, path);
    texts.push(answer.text);
  }
  texts.push((await host.get("/my-own-cluster/api/status")).text);
  texts.push((await rest("/nothing-here")).text);
  for (const secret of [
    token,
    "hunter2",
    "hunter3",
    "PRIVATE KEY",
    Buffer.from(token).toString("base64").slice(0, 40),
  ]) {
    for (const text of texts)
      assert.ok(!text.includes(secret), `${secret.slice(0, 8)}… in ${text.slice(0, 200)}`);
  }
});

test("confused deputy: the platform's own functions do not lend their rights to guests", async () => {
  const before = JSON.parse((await rest("/names")).text);
  await host.deploy({
    name: "deputy",
    js: js(`const seen = [];
      for (const start of ["registerBlob", "exportDatabase", "handle", ""]) {
        try {
          const input = JSON.stringify({ name: "planted", content_type: "text/plain", bytes: "eA==" });
          const answer = await env.call("core-api", { startFunction: start, input, headers: { "x-moc-plug-data": "putBlob" } });
          seen.push(answer.status);
        } catch (error) { seen.push(error.code); }
      }
      return Response.json(seen);`),
  });
  const refused = Array(4).fill("MOC_CAPABILITY");
  assert.deepEqual(JSON.parse((await host.get("/deputy")).text), refused);
  const names = JSON.parse((await rest("/names")).text).names.map(
    (one: { name: string }) => one.name,
  );
  assert.ok(!names.includes("planted"));
  assert.equal(names.length, before.names.length + 1);
});
