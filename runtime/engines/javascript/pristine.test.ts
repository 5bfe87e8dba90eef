import assert from "node:assert/strict";
import { test } from "node:test";
import { loadForTest } from "./testing.ts";

test("nothing that a call changed is there for the next one", async () => {
  const app = await loadForTest(`
    let count = 0
    const list = [], map = new Map(), bytes = new Uint8Array(4)
    globalThis.seen = "start"
    export default {
      async fetch(request) {
        const found = [count, list.length, map.size, bytes[0], seen, [].polluted, typeof leaked, JSON.parse('{"a":1}').a,
          request.extra, Response.prototype.extra, Array.prototype.push.name, performance.extra, Object.isFrozen(list)]
        count++; list.push(1); map.set(1, 2); bytes[0] = 9; seen = "changed"; globalThis.leaked = 1
        Array.prototype.polluted = 1; Response.prototype.extra = 1; performance.extra = 1
        JSON.parse = () => ({ a: "mine" })
        Array.prototype.push = function mine() {}
        Object.freeze(list)
        setTimeout(() => { count = 100 }, 5); setInterval(() => { count = 200 }, 1)
        globalThis.Response = undefined
        const { Response: _, ...rest } = {}
        return new (Object.getPrototypeOf(await fetchResponse()).constructor)(JSON.stringify(found))
      }
    }
    const Kept = Response
    const fetchResponse = async () => new Kept("")`);
  const first = (await app.call()).outputText();
  assert.equal(first, '[0,0,0,0,"start",null,"undefined",1,null,null,"push",null,false]');
  await new Promise((resolve) => setTimeout(resolve, 15));
  for (let i = 0; i < 5; i++) assert.equal((await app.call()).outputText(), first);
});

test("random numbers do not repeat between calls, whatever was drawn while loading", async () => {
  const script = await loadForTest(`
    Math.random(); Math.random()
    function run() { requireApi('core').writeExchangeBuffer(2, [Math.random(), Math.random(), crypto.randomUUID()].join()) }`);
  const seen = new Set<string>();
  for (let i = 0; i < 200; i++) {
    for (const one of (await script.call({ start: "run" })).outputText().split(",")) {
      assert.ok(!seen.has(one), one);
      seen.add(one);
    }
  }
  assert.equal(seen.size, 600);
});

test("the clock runs", async () => {
  const script = await loadForTest(`
    const loadedAt = Date.now()
    function run() { requireApi('core').writeExchangeBuffer(2, [loadedAt, Date.now(), new Date().toISOString()].join()) }`);
  await new Promise((resolve) => setTimeout(resolve, 10));
  const before = Date.now();
  const [loadedAt, now, iso] = (await script.call({ start: "run" })).outputText().split(",");
  assert.ok(Number(now) >= before && Number(now) <= Date.now());
  assert.ok(Number(loadedAt) < Number(now));
  assert.ok(Date.parse(iso ?? "") >= before);
});

test("bytes of one call cannot be found by the next", async () => {
  const script = await loadForTest(`
    function write() { var a = []; for (var i = 0; i < 50; i++) a.push(new Uint8Array(10000).fill(171)); return 1 }
    function find() {
      for (var i = 0; i < 60; i++) { var b = new Uint8Array(10000); for (var j = 0; j < b.length; j += 7) if (b[j] !== 0) return 500 }
      return 200
    }`);
  for (let i = 0; i < 3; i++) {
    await script.call({ start: "write" });
    assert.equal((await script.call({ start: "find" })).result, 200);
  }
});

test("a shared function keeps its state, and its calls interleave", async () => {
  const app = await loadForTest(
    `let count = 0
     export default { async fetch() { const mine = ++count; await new Promise((r) => setTimeout(r, mine === 1 ? 20 : 1)); return new Response(mine + "/" + count) } }
     export function count2() { return count }`,
    { state: "shared" },
  );
  const slow = app.call();
  const quick = await app.call();
  assert.equal(quick.outputText(), "2/2");
  assert.equal((await slow).outputText(), "1/2");
  assert.equal((await app.call({ start: "count2" })).result, 2);
});

test("a shared function starts anew after a limit was hit", async () => {
  const script = await loadForTest(
    "var n = 0; function run() { return ++n }; function spin() { for (;;); }",
    {
      state: "shared",
      limits: { cpuMs: 50 },
    },
  );
  await script.call({ start: "run" });
  assert.equal((await script.call({ start: "run" })).result, 2);
  await assert.rejects(script.call({ start: "spin" }), { code: "MOC_LIMIT_CPU" });
  assert.equal((await script.call({ start: "run" })).result, 1);
});

test("a thousand calls leak nothing", async () => {
  const app = await loadForTest(`export default {
    async fetch(request) { const big = new Array(5000).fill({}); return new Response(String(big.length)) }
  }`);
  const before = app.loaded.memoryBytes();
  for (let i = 0; i < 1000; i++) assert.equal((await app.call()).outputText(), "5000");
  assert.ok(app.loaded.memoryBytes() - before < 8 * 2 ** 20);
  app.loaded.close();
});

test("hundreds of calls wait at once, each in its own machine", async () => {
  const script = await loadForTest(`function run() {
    var moc = requireApi('core'), mine = moc.readExchangeBufferHeaders(moc.getInputBufferId()).n
    moc.sleep(20)
    return Number(mine)
  }`);
  const calls = Array.from({ length: 200 }, (_, n) =>
    script.call({ start: "run", headers: { n: String(n) } }),
  );
  const results = (await Promise.all(calls)).map(({ result }) => result);
  assert.deepEqual(
    results,
    Array.from({ length: 200 }, (_, n) => n),
  );
});

test("what a guest does after its answer is cut off, and does not reach the next call", async () => {
  const app = await loadForTest(`
    let n = 0
    const moc = requireApi("core")
    export default { async fetch(request) {
      const seen = n++
      ;(async () => { for (;;) { await null; n++ } })()
      ;(async () => { await null; await null; await null; try { moc.sleep(10000) } catch (e) { console.log(e.code) } })()
      return new Response(String(seen))
    } }`);
  const calls = await Promise.all(Array.from({ length: 20 }, () => app.call()));
  for (const end of calls) {
    assert.equal(end.outputText(), "0");
    for (const { text } of end.logs) assert.equal(text, "MOC_CANCELLED");
  }
});

test("what a script's promises do before it returns to the host still counts", async () => {
  const script = await loadForTest(`
    const moc = requireApi("core")
    function run() {
      Promise.resolve().then(function () { moc.writeExchangeBuffer(moc.getOutputBufferId(), "late") })
      return 3
    }`);
  const end = await script.call({ start: "run" });
  assert.deepEqual([end.result, end.outputText()], [3, "late"]);
});
