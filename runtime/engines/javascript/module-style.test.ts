import assert from "node:assert/strict";
import { test } from "node:test";
import type { MocError } from "../../protocol/errors.ts";
import type { OutgoingRequest } from "../../protocol/host-ops.ts";
import { loadForTest } from "./testing.ts";

const GET = {
  "x-moc-method": "get",
  "x-moc-host": "example.test",
  "x-moc-request-uri": "/a/b?c=d",
  "x-moc-path-param-name": "ann",
  "x-moc-plug-data": "data",
  accept: "text/html",
};
const POST = { ...GET, "x-moc-method": "post", "content-type": "text/plain" };

/** A host whose answers to requests are these chunks. */
function webHost(chunks: readonly string[]) {
  const requests: OutgoingRequest[] = [];
  const left = [...chunks];
  return {
    requests,
    host: {
      httpRequest: (request: OutgoingRequest) => {
        requests.push(request);
        return { status: 203, headers: { "x-from": "there" }, stream: 5 };
      },
      streamRead: () => {
        const next = left.shift();
        return next === undefined ? undefined : new TextEncoder().encode(next);
      },
      streamClose: () => undefined,
    },
  };
}

test("fetch answers the request with status, headers and body", async () => {
  const app = await loadForTest(
    `export default {
    async fetch(request, env, ctx) {
      const headers = new Headers({ "x-a": "1" })
      headers.append("set-cookie", "a=1; Path=/"); headers.append("Set-Cookie", "b=2")
      return new Response([request.method, request.url, request.headers.get("Accept"), env.params.name, env.plugData, env.vars.KEY, await request.text()].join("|"), { status: 201, headers })
    }
  }`,
    { env: { KEY: "value" } },
  );
  const end = await app.call({ headers: GET });
  assert.equal(end.outputText(), "GET|https://example.test/a/b?c=d|text/html|ann|data|value|");
  const output = end.buffers.get(end.output);
  assert.equal(output.status, 201);
  assert.equal(end.result, 201);
  assert.equal(output.headers.get("set-cookie"), "a=1; Path=/\nb=2");
  assert.equal(output.headers.get("content-type"), "text/plain;charset=UTF-8");
});

test("request bodies are read as text, JSON, bytes, forms and streams", async () => {
  const app = await loadForTest(`export default {
    async fetch(request) {
      const kind = request.headers.get("x-kind")
      if (kind === "json") return Response.json(await request.json())
      if (kind === "bytes") return new Response(await request.arrayBuffer())
      if (kind === "form") { const form = await request.formData(); return Response.json([...form].map(([k, v]) => [k, typeof v === "string" ? v : v.name + v.type + v.size])) }
      if (kind === "stream") { let n = 0; for await (const chunk of request.body) n += chunk.length; return new Response(String(n)) }
      if (kind === "twice") { await request.text(); try { await request.text() } catch (e) { return new Response(e.name) } }
      if (kind === "clone") { const copy = request.clone(); return new Response(await copy.text() + await request.text()) }
      return new Response(await request.text())
    }
  }`);
  const send = async (kind: string, input: string, headers = {}) =>
    (await app.call({ headers: { ...POST, ...headers, "x-kind": kind }, input })).outputText();
  assert.equal(await send("text", "grüße"), "grüße");
  assert.equal(await send("json", '{"a":[1]}'), '{"a":[1]}');
  assert.equal(await send("bytes", "abc"), "abc");
  assert.equal(await send("stream", "x".repeat(100_000)), "100000");
  assert.equal(await send("twice", "x"), "TypeError");
  assert.equal(await send("clone", "x"), "xx");
  const urlencoded = { "content-type": "application/x-www-form-urlencoded" };
  assert.equal(await send("form", "a=1&b=%C3%A9+x", urlencoded), '[["a","1"],["b","é x"]]');
  const multipart = { "content-type": "multipart/form-data; boundary=XX" };
  const body =
    '--XX\r\nContent-Disposition: form-data; name="t"\r\n\r\nwört\r\n' +
    '--XX\r\nContent-Disposition: form-data; name="f"; filename="a.bin"\r\nContent-Type: image/x\r\n\r\n\r\n--X\r\n--XX--\r\n';
  assert.equal(await send("form", body, multipart), '[["t","wört"],["f","a.binimage/x5"]]');
});

test("responses stream, chunk by chunk", async () => {
  const app = await loadForTest(`export default {
    fetch() {
      let n = 0
      return new Response(new ReadableStream({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 1))
          if (n === 3) controller.close()
          else controller.enqueue(new TextEncoder().encode("chunk " + n++ + ";"))
        }
      }).pipeThrough(new TransformStream({ transform: (chunk, c) => c.enqueue(chunk) })))
    }
  }`);
  for (let i = 0; i < 3; i++) {
    assert.equal((await app.call({ headers: GET })).outputText(), "chunk 0;chunk 1;chunk 2;");
  }
});

test("fetch goes through the host, with its body, and answers can be passed on", async () => {
  const app = await loadForTest(`export default {
    async fetch(request, env) {
      const answer = await fetch("http://up.test/x", { method: "POST", headers: { "X-Y": "z" }, body: JSON.stringify({ a: 1 }) })
      if (request.method === "GET") return new Response(answer.status + answer.headers.get("x-from") + await answer.text())
      return answer
    }
  }`);
  const first = webHost(["one ", "two"]);
  const read = await app.call({ headers: GET, host: first.host });
  assert.equal(read.outputText(), "203thereone two");
  const [sent] = first.requests;
  assert.equal(sent?.method, "POST");
  assert.equal(sent?.headers["x-y"], "z");
  assert.equal(new TextDecoder().decode(sent?.body?.bytes), '{"a":1}');
  const second = webHost(["one ", "two"]);
  const passed = await app.call({ headers: POST, host: second.host });
  assert.equal(passed.outputText(), "one two");
  const output = passed.buffers.get(passed.output);
  assert.equal(output.status, 203);
  assert.equal(output.headers.get("x-from"), "there");
});

test("facts of the incoming request are not sent on", async () => {
  const app = await loadForTest(`export default {
    fetch: (request) => fetch(new Request("http://up.test/", request))
  }`);
  const { host, requests } = webHost([]);
  await app.call({ headers: GET, host });
  assert.deepEqual(requests[0]?.headers, { accept: "text/html" });
});

test("a request that the host refuses rejects with the platform's code", async () => {
  const app = await loadForTest(`export default {
    async fetch(request) {
      try { await fetch("http://10.0.0.1/") } catch (e) { return new Response(e.name + e.message) }
    }
  }`);
  const end = await app.call({ headers: GET });
  assert.match(end.outputText(), /^MocError.*no answer for httpRequest/);
});

test("many host calls are in flight at once, without blocking", async () => {
  const app = await loadForTest(`export default {
    async fetch(request, env) {
      const core = env.api("core")
      const done = []
      await Promise.all([200, 100, 1].map((ms) => core.sleep(ms).then(() => done.push(ms))))
      return Response.json(done)
    }
  }`);
  assert.equal((await app.call({ headers: GET })).outputText(), "[1,100,200]");
});

test("env.kv keeps text, JSON and bytes, and lists pages", async () => {
  const app = await loadForTest(`export default {
    async fetch(request, { kv }) {
      await kv.put("n/1", "one")
      await kv.put("n/2", new Uint8Array([0, 255]))
      await kv.batch([{ put: "n/3", value: '{"x":3}' }, { put: "n/4", value: "four" }, { delete: "n/none" }])
      await kv.delete("n/4")
      const page = await kv.list({ prefix: "n/", limit: 2, type: "bytes" })
      const rest = await kv.list({ prefix: "n/", after: page.next })
      return Response.json([
        await kv.get("n/1"), [...await kv.get("n/2", "bytes")], await kv.get("n/3", { type: "json" }), await kv.get("n/4"),
        page.entries.map((e) => [e.key, e.value.length]), page.next, rest,
        await kv.list({ limit: 0 }).catch((e) => e.code),
      ])
    }
  }`);
  assert.deepEqual(JSON.parse((await app.call({ headers: GET })).outputText()), [
    "one",
    [0, 255],
    { x: 3 },
    null,
    [
      ["n/1", 3],
      ["n/2", 2],
    ],
    "n/2",
    { entries: [{ key: "n/3", value: '{"x":3}' }] },
    "MOC_BAD_REQUEST",
  ]);
});

test("env.call runs another function and answers its response", async () => {
  const app = await loadForTest(`export default {
    async fetch(request, env) {
      const answer = await env.call("other", { input: { toString: () => "in" }, headers: { "x-h": "1" }, startFunction: "go", timeoutMs: 500 })
      return new Response(answer.status + answer.headers.get("x-o") + await answer.text())
    }
  }`);
  let asked: unknown;
  const end = await app.call({
    headers: GET,
    host: {
      callFunction: (request: unknown) => {
        asked = request;
        return { result: 202, headers: { "x-o": "2" }, bytes: new TextEncoder().encode("out") };
      },
    },
  });
  assert.equal(end.outputText(), "2022out");
  const { name, startFunction, timeoutMs, input } = asked as Record<string, unknown>;
  assert.deepEqual(
    { name, startFunction, timeoutMs },
    { name: "other", startFunction: "go", timeoutMs: 500 },
  );
  const { bytes, headers } = input as { bytes: Uint8Array; headers: Record<string, string> };
  assert.equal(new TextDecoder().decode(bytes), "in");
  assert.equal(headers["x-h"], "1");
});

test("publish and subscribe pass messages", async () => {
  const app = await loadForTest(`export default {
    async fetch(request, env) {
      await env.publish("news", "hello")
      const seen = []
      for await (const message of env.subscribe("news")) { seen.push(message); if (seen.length === 2) break }
      await null
      return Response.json(seen.map((m) => typeof m === "string" ? m : [...m]))
    }
  }`);
  const messages = [new TextEncoder().encode("text"), Uint8Array.of(255)];
  const published: unknown[] = [];
  const closed: number[] = [];
  const end = await app.call({
    headers: GET,
    host: {
      publish: (topic: string, bytes: Uint8Array) =>
        published.push([topic, new TextDecoder().decode(bytes)]),
      subscribe: () => 9,
      streamRead: () => messages.shift(),
      streamClose: (stream: number) => closed.push(stream),
    },
  });
  assert.equal(end.outputText(), '["text",[255]]');
  assert.deepEqual(published, [["news", "hello"]]);
  assert.deepEqual(closed, [9]);
});

test("waitUntil keeps the call alive after the response; other leftovers are dropped", async () => {
  const app = await loadForTest(`export default {
    fetch(request, env, ctx) {
      ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 20)).then(() => console.log("later")))
      ctx.waitUntil(Promise.reject(new Error("ignored")))
      setTimeout(() => console.log("never"), 60)
      return new Response("now")
    }
  }`);
  const end = await app.call({ headers: GET });
  assert.equal(end.outputText(), "now");
  await new Promise((resolve) => setTimeout(resolve, 80));
  assert.deepEqual(
    end.logs.map(({ text }) => text.split("\n")[0]),
    ["waitUntil: Error: ignored", "later"],
  );
});

test("timers fire in order, repeat and can be cleared", async () => {
  const app = await loadForTest(`export default {
    async fetch() {
      const seen = []
      await new Promise((resolve) => {
        setTimeout((a, b) => seen.push(a + b), 5, "x", "y")
        clearTimeout(setTimeout(() => seen.push("cleared"), 1))
        let n = 0
        const id = setInterval(() => { seen.push(n++); if (n === 3) { clearInterval(id); resolve() } }, 15)
        queueMicrotask(() => seen.push("micro"))
      })
      return Response.json(seen)
    }
  }`);
  assert.equal((await app.call({ headers: GET })).outputText(), '["micro","xy",0,1,2]');
});

test("the web's small things behave", async () => {
  const app = await loadForTest(`export default {
    async fetch() {
      const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join("")
      const url = new URL("../x?a=1&b=2#h", "https://user:pw@höst.example:8080/p/q/")
      url.searchParams.append("c", "ä ö"); url.hash = ""; url.port = "443"
      const key = await crypto.subtle.importKey("raw", new TextEncoder().encode("key"), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"])
      const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode("msg"))
      const controller = new AbortController()
      const aborted = new Promise((resolve) => controller.signal.addEventListener("abort", (e) => resolve(e.type + controller.signal.reason.name)))
      controller.abort()
      const decoder = new TextDecoder()
      const thrown = (run) => { try { run(); return "nothing" } catch (e) { return e.name } }
      const circular = { map: new Map([[1, new Set([2])]]), date: new Date(5) }; circular.self = circular
      const cloned = structuredClone(circular)
      return Response.json({
        url: url.href, parse: URL.canParse("nonsense"), query: new URLSearchParams({ a: "1 2", b: "&" }).toString(),
        digest: hex(await crypto.subtle.digest("SHA-1", new TextEncoder().encode("abc"))),
        hmac: hex(signature), verified: await crypto.subtle.verify("HMAC", key, signature, new TextEncoder().encode("msg")),
        uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()),
        base64: [btoa("\\xff\\0a"), atob(" /wBh "), thrown(() => btoa("€")), thrown(() => atob("a"))],
        aborted: await aborted, timeout: await new Promise((r) => AbortSignal.timeout(1).addEventListener("abort", (e) => r(e.target.reason.name))),
        decoded: decoder.decode(new Uint8Array([0xe2, 0x82]), { stream: true }) + decoder.decode(new Uint8Array([0xac])),
        fatal: thrown(() => new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([255]))),
        latin: new TextDecoder("iso-8859-1").decode(new Uint8Array([0xe9])), unknown: thrown(() => new TextDecoder("nope")),
        surrogate: [...new TextEncoder().encode("\\ud800")],
        clone: cloned.self === cloned && cloned !== circular && cloned.map.get(1).has(2) && cloned.date.getTime() === 5,
        uncloneable: thrown(() => structuredClone(() => 1)),
        headers: [thrown(() => new Headers({ "a b": "c" })), thrown(() => new Headers({ a: "c\\nd" }))],
        redirect: [Response.redirect("https://x.test/y", 301).headers.get("location"), thrown(() => Response.redirect("/", 200))],
        names: [Response.name, new Response() instanceof Response, typeof navigator.userAgent, self === globalThis],
        zone: new Date(2020, 0, 1).getTimezoneOffset(),
      })
    }
  }`);
  assert.deepEqual(JSON.parse((await app.call({ headers: GET })).outputText()), {
    url: "https://user:pw@xn--hst-sna.example/p/x?a=1&b=2&c=%C3%A4+%C3%B6",
    parse: false,
    query: "a=1+2&b=%26",
    digest: "a9993e364706816aba3e25717850c26c9cd0d89d",
    hmac: "2d93cbc1be167bcb1637a4a23cbff01a7878f0c50ee833954ea5221bb1b8c628",
    verified: true,
    uuid: true,
    base64: ["/wBh", "\xff\0a", "InvalidCharacterError", "InvalidCharacterError"],
    aborted: "abortAbortError",
    timeout: "TimeoutError",
    decoded: "€",
    fatal: "TypeError",
    latin: "é",
    unknown: "RangeError",
    surrogate: [239, 191, 189],
    clone: true,
    uncloneable: "DataCloneError",
    headers: ["TypeError", "TypeError"],
    redirect: ["https://x.test/y", "RangeError"],
    names: ["Response", true, "string", true],
    zone: 0,
  });
});

test("named exports and a bare default function are start functions, too", async () => {
  const app = await loadForTest(`
    export async function job(request, env) { return 7 }
    export const arrow = () => new Response("arrow", { status: 202 })
    export default (request) => new Response("default")`);
  assert.equal((await app.call({ start: "job" })).result, 7);
  const arrow = await app.call({ start: "arrow" });
  assert.equal(arrow.outputText(), "arrow");
  assert.equal(arrow.result, 202);
  assert.equal((await app.call()).outputText(), "default");
  await assert.rejects(
    app.call({ start: "other" }),
    (error: MocError) =>
      error.code === "MOC_GUEST_NO_START" && /there is arrow, default, job/.test(error.message),
  );
});

test("modules may use the blocking guest API", async () => {
  const app = await loadForTest(`
    const moc = requireApi("core")
    export default { fetch() { moc.persistenceSet("a", "b"); return new Response(moc.persistenceGet("a")) } }`);
  assert.equal((await app.call({ headers: GET })).outputText(), "b");
});

test("a websocket is a loop over messages", async () => {
  const app = await loadForTest(`export default {
    fetch() { return new Response("http") },
    async websocket(socket, request, env) {
      await socket.send("welcome " + new URL(request.url).pathname)
      for await (const message of socket) {
        if (typeof message === "string") await socket.send("you said " + message)
        else await socket.send(message)
        if (message === "bye") await socket.close()
      }
      return 5
    }
  }`);
  const { StreamBuffer } = await import("../../guest-api/stream-buffer.ts");
  const { makeTestContext } = await import("../../guest-api/testing.ts");
  const messages = [
    new TextEncoder().encode("hé"),
    Uint8Array.of(200, 1),
    new TextEncoder().encode("bye"),
  ];
  const sent: string[] = [];
  const context = makeTestContext({
    host: {
      streamRead: () => messages.shift(),
      streamWrite: (_: number, bytes: Uint8Array) =>
        sent.push(Buffer.from(bytes).toString("latin1")),
      streamClose: (stream: number) => sent.push(`closed ${stream}`),
    },
  });
  const socket = (stream: number) =>
    new StreamBuffer(context.host, {
      stream,
      messages: true,
      headers: new Map(Object.entries(GET)),
      wholeMax: 1000,
    });
  const input = context.buffers.add(socket(1));
  const output = context.buffers.add(socket(2));
  const end = await app.loaded.run(
    { ...context, input, output },
    { startFunction: "", mode: undefined, arguments: [], posixFileName: "", posixArguments: [] },
  );
  assert.equal(end.result, 5);
  const text = (value: string) => Buffer.from(value).toString("latin1");
  assert.deepEqual(sent, [
    "welcome /a/b",
    text("you said hé"),
    "\xc8\x01",
    "you said bye",
    "closed 2",
  ]);
});

test("what fetch answers must be a response, and must come one day", async () => {
  const app = await loadForTest(`export default { fetch(request) {
    return request.method === "GET" ? { not: "a response" } : new Promise(() => undefined)
  } }`);
  await assert.rejects(app.call({ headers: GET }), /must answer a Response, not \[object Object\]/);
  await assert.rejects(app.call({ headers: POST }), /can never be fulfilled/);
});

test("a module that waits at top level for a call, or imports, is refused", async () => {
  await assert.rejects(loadForTest("export default 1; await new Promise(() => undefined)"), {
    code: "MOC_GUEST_INVALID",
  });
  await assert.rejects(loadForTest('import x from "left-pad"; export default x'), {
    code: "MOC_GUEST_LINK",
  });
  const fine = await loadForTest(
    "const x = await Promise.resolve('y'); export default () => new Response(x)",
  );
  assert.equal((await fine.call()).outputText(), "y");
});

test("modules load one after the other, each by itself", async () => {
  for (let i = 0; i < 40; i++) {
    const app = await loadForTest(`export default { fetch: () => new Response("${i}") }`);
    assert.equal((await app.call()).outputText(), String(i));
    app.loaded.close();
  }
});
