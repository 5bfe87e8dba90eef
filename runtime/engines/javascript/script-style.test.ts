import assert from "node:assert/strict";
import { test } from "node:test";
import type { MocError } from "../../protocol/errors.ts";
import { loadForTest } from "./testing.ts";

const WRITE = `const moc = requireApi('core')
function write(value) { moc.writeExchangeBuffer(moc.getOutputBufferId(), value) }
`;

test("a script's global function answers by the guest API and by its number", async () => {
  const script = await loadForTest(`${WRITE}
    function run() {
      var headers = moc.readExchangeBufferHeaders(moc.getInputBufferId())
      moc.writeExchangeBufferHeader(moc.getOutputBufferId(), "Content-Type", "text/x")
      moc.writeExchangeBufferStatusCode(moc.getOutputBufferId(), 418)
      write("hello " + headers["x-moc-method"] + " " + new TextDecoder().decode(moc.readExchangeBuffer(moc.getInputBufferId())))
      return 201
    }
    const later = () => 7
    function nothing() {}
    async function soon() { await null; return 42 }`);
  const end = await script.call({
    start: "run",
    headers: { "x-moc-method": "post" },
    input: "wörld",
  });
  assert.equal(end.result, 201);
  assert.equal(end.outputText(), "hello post wörld");
  const output = end.buffers.get(end.output);
  assert.equal(output.status, 418);
  assert.equal(output.headers.get("content-type"), "text/x");
  assert.equal((await script.call({ start: "nothing" })).result, 0);
  assert.equal((await script.call({ start: "later" })).result, 7);
  assert.equal((await script.call({ start: "soon" })).result, 42);
});

test("sloppy code of 2009 runs unchanged", async () => {
  const script = await loadForTest(`${WRITE}
    function run() {
      undeclared = 3
      with ({ inner: 4 }) { undeclared += inner }
      var self = (function () { return this })()
      write(String(undeclared) + (self === globalThis) + arguments.callee.name + 010)
    }`);
  assert.equal((await script.call({ start: "run" })).outputText(), "7truerun8");
});

test("bytes may be given as strings, as any view and as buffers, and come back as Uint8Array", async () => {
  const script = await loadForTest(`${WRITE}
    function roundTrip(value) {
      var id = moc.createExchangeBuffer()
      var written = moc.writeExchangeBuffer(id, value)
      var back = moc.readExchangeBuffer(id)
      moc.freeBuffer(id)
      return [written, back instanceof Uint8Array, Array.from(back)]
    }
    function run() {
      var floats = new Float32Array([1, 2])
      var part = new Uint8Array([1, 2, 3, 4]).subarray(1, 3)
      write(JSON.stringify([
        roundTrip("h\\u00e9\\0"), roundTrip(floats), roundTrip(part), roundTrip(new Uint8Array(2).buffer),
        moc.base64Encode(part), Array.from(moc.base64Decode("AAEC")),
      ]))
    }`);
  const end = await script.call({ start: "run" });
  assert.deepEqual(JSON.parse(end.outputText()), [
    [4, true, [104, 195, 169, 0]],
    [8, true, [0, 0, 128, 63, 0, 0, 0, 64]],
    [2, true, [2, 3]],
    [2, true, [0, 0]],
    "AgM=",
    [0, 1, 2],
  ]);
});

test("text with NUL, astral and lone surrogate characters passes both ways", async () => {
  const script = await loadForTest(`${WRITE}
    function run() {
      var text = moc.base64Encode("a\\0b😀" + "x".repeat(50000))
      moc.writeExchangeBufferHeader(moc.getOutputBufferId(), "x", "\\ud800")
      write(moc.base64Decode(text))
    }`);
  const end = await script.call({ start: "run" });
  assert.equal(end.outputText(), `a\0b😀${"x".repeat(50_000)}`);
});

test("as in the original, what does not exist answers nothing instead of failing", async () => {
  const script = await loadForTest(`${WRITE}
    function run() {
      var bid = -1
      moc.writeExchangeBufferHeader(bid, "titi", "tutu")
      write(JSON.stringify([
        moc.writeExchangeBuffer(bid, "x"),
        moc.readExchangeBufferHeaders(bid)["titi"] === undefined,
        moc.readExchangeBuffer(bid) === undefined,
        moc.persistenceGet("absent") === undefined,
        requireApi("nonsense") === undefined,
      ]))
      return 200
    }`);
  const end = await script.call({ start: "run" });
  assert.equal(end.result, 200);
  assert.equal(end.outputText(), "[0,true,true,true,true]");
});

test("other failures are exceptions with the platform's code, which a script may catch", async () => {
  const script = await loadForTest(`${WRITE}
    function caught() {
      try { moc.base64Decode("*") } catch (e) { write([e instanceof Error, e.name, e.code].join()) }
    }
    function uncaught() { moc.base64Decode("*") }`);
  assert.equal(
    (await script.call({ start: "caught" })).outputText(),
    "true,MocError,MOC_BAD_REQUEST",
  );
  await assert.rejects(script.call({ start: "uncaught" }), (error: MocError) => {
    assert.equal(error.code, "MOC_BAD_REQUEST");
    assert.equal(error.position?.line, 7);
    return true;
  });
});

test("blocking calls suspend the script while others go on", async () => {
  const script = await loadForTest(`${WRITE}
    function slow() {
      for (var i = 0; i < 3; i++) write(moc.getUrl("http://x/" + i))
      return 1
    }
    function quick() { return 2 }`);
  const order: string[] = [];
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const host = {
    httpRequest: async () => {
      await gate;
      return { status: 200, headers: {}, stream: 1 };
    },
    streamRead: (() => {
      let reads = 0;
      return () => (reads++ % 2 === 0 ? new TextEncoder().encode("part ") : undefined);
    })(),
  };
  const slow = script.call({ start: "slow", host }).then((end) => {
    order.push("slow");
    return end;
  });
  for (let i = 0; i < 5; i++) {
    assert.equal((await script.call({ start: "quick" })).result, 2);
    order.push("quick");
  }
  release();
  assert.equal((await slow).outputText(), "part part part ");
  assert.deepEqual(order, ["quick", "quick", "quick", "quick", "quick", "slow"]);
});

test("maps, lists and batches pass the guest API", async () => {
  const script = await loadForTest(`${WRITE}
    function run() {
      moc.persistenceBatch({ "k/1": "one", "k/2": new Uint8Array([116, 119, 111]) }, ["none"])
      moc.persistenceSet("k/3", "three")
      write(JSON.stringify([moc.persistenceGetSubset("k/"), moc.persistenceList("k/", "k/1", 10)]))
    }`);
  assert.deepEqual(JSON.parse((await script.call({ start: "run" })).outputText()), [
    { "k/1": "one", "k/2": "two", "k/3": "three" },
    { "k/2": "two", "k/3": "three" },
  ]);
});

test("bytes can be read in parts into a view", async () => {
  const script = await loadForTest(`${WRITE}
    function run() {
      var all = [], part = new Uint8Array(4), n
      while ((n = moc.readExchangeBufferPart(moc.getInputBufferId(), part)) > 0) all.push(n + ":" + new TextDecoder().decode(part.subarray(0, n)))
      var time = new Uint8Array(8)
      moc.getTime(time)
      all.push(new DataView(time.buffer).getBigInt64(0, true) > 1600000000000000000n)
      write(all.join())
    }`);
  const end = await script.call({ start: "run", input: "abcdefghij" });
  assert.equal(end.outputText(), "4:abcd,4:efgh,2:ij,true");
});

test("a missing start function names those that are there", async () => {
  const script = await loadForTest("function first() {}; function second() {}");
  await assert.rejects(
    script.call({ start: "third" }),
    (error: MocError) =>
      error.code === "MOC_GUEST_NO_START" && /'third'.*first, second/.test(error.message),
  );
  // Names of the platform are not the user's functions.
  await assert.rejects(script.call({ start: "fetch" }), { code: "MOC_GUEST_NO_START" });
  await assert.rejects(script.call({ start: "1;evil()" }), { code: "MOC_GUEST_NO_START" });
});

test("console methods go to the log, formatted as Node does", async () => {
  const script = await loadForTest(`
    console.log("loading")
    function run() {
      console.debug("plain %s %d %%", "text", 4.5)
      console.info({ a: [1, "two", null], b: new Map([["k", { deep: { er: { x: 1 } } }]]), f() {} })
      console.warn("a\\nb", undefined, Symbol("s"))
      console.error(new TypeError("broken"))
      var circle = {}; circle.self = circle
      console.log(circle, [], new Set([1]), new Uint8Array(2), 1n, -0, class Foo {})
      console.group("group"); console.log("inside"); console.groupEnd()
      console.assert(1 === 2, "numbers")
      console.count(); console.count()
    }`);
  assert.deepEqual(script.logs, [{ level: "info", text: "loading" }]);
  const { logs } = await script.call({ start: "run" });
  assert.deepEqual(logs[0], { level: "debug", text: "plain text 4.5 %" });
  assert.equal(logs[1]?.level, "info");
  assert.match(
    logs[1]?.text ?? "",
    /^\{\n {2}a: \[ 1, 'two', null \],\n {2}b: Map\(1\) \{ 'k' => \{ deep: \[Object\] \} \},\n {2}f: \[Function: f\]\n\}$/,
  );
  assert.deepEqual(logs[2], { level: "warn", text: "a\nb undefined Symbol(s)" });
  assert.equal(logs[3]?.level, "error");
  assert.match(logs[3]?.text ?? "", /^TypeError: broken\n {4}at run \(test\.js:7:/);
  assert.equal(
    logs[4]?.text,
    "{ self: [Circular *1] } [] Set(1) { 1 } Uint8Array(2) [ 0, 0 ] 1n -0 [class Foo]",
  );
  assert.deepEqual(
    logs.slice(5).map(({ text }) => text),
    ["group", "  inside", "Assertion failed: numbers", "default: 1", "default: 2"],
  );
});

test("the guest API is refused while a script is loaded", async () => {
  await assert.rejects(
    loadForTest("requireApi('core').getBufferHeaders(1)"),
    (error: MocError) =>
      error.code === "MOC_GUEST_INVALID" && /only during a call/.test(error.message),
  );
});
