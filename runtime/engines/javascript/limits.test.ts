import assert from "node:assert/strict";
import { test } from "node:test";
import { BOUND_MODULES } from "../../guest-api/bound-modules.ts";
import type { MocError } from "../../protocol/errors.ts";
import { NO_BUDGET } from "../memory-budget.ts";
import { threadComputedMs } from "../thread-time.ts";
import { preludeImage } from "./prelude-image.ts";
import { EVAL } from "./quickjs-abi.ts";
import { loadForTest } from "./testing.ts";

const SMALL = { limits: { memoryMiB: 16, cpuMs: 200, stackKiB: 256 } };

const BOMBS = {
  arrays: "var a = []; for (;;) a.push(new Array(1000).fill(1.5))",
  strings: "var s = 'x'; for (;;) { s += s; s.charCodeAt(s.length - 1) }",
  buffers: "var a = []; for (;;) a.push(new ArrayBuffer(1 << 20))",
  "one buffer": "new Uint8Array(1 << 30)",
  objects: "var a = []; for (var i = 0; ; i++) a.push({ i: i, next: a[i - 1] })",
  "caught failures":
    "var a = []; for (;;) { try { for (;;) a.push(new ArrayBuffer(1 << 20)) } catch (e) {} }",
};

for (const [name, code] of Object.entries(BOMBS)) {
  test(`memory: ${name}`, async () => {
    const script = await loadForTest(`function run() { ${code} }; function well() { return 1 }`, {
      limits: { memoryMiB: 16, cpuMs: 20_000 },
    });
    await assert.rejects(script.call({ start: "run" }), { code: "MOC_LIMIT_MEMORY" });
    // The machine is thrown away, the function goes on.
    assert.equal((await script.call({ start: "well" })).result, 1);
  });
}

test("memory: a bomb while the script is loaded", async () => {
  await assert.rejects(loadForTest(BOMBS.buffers, SMALL), { code: "MOC_LIMIT_MEMORY" });
});

const LOOPS = {
  "a loop": "for (;;);",
  "a loop that catches": "for (;;) { try { for (;;); } catch (e) {} }",
  "a loop in a finally": "try { for (;;); } finally { for (;;); }",
  "a regular expression": "/(a+)+$/.test('a'.repeat(40) + 'b')",
  "a sort":
    "var a = []; for (var i = 0; i < 1e5; i++) a.push(i); for (;;) a.sort(function () { return Math.random() - 0.5 })",
};

for (const [name, code] of Object.entries(LOOPS)) {
  test(`cpu: ${name}`, async () => {
    const script = await loadForTest(
      `function run() { ${code} }; function well() { return 1 }`,
      SMALL,
    );
    const before = threadComputedMs();
    await assert.rejects(script.call({ start: "run" }), { code: "MOC_LIMIT_CPU" });
    assert.ok(threadComputedMs() - before < 2000);
    assert.equal((await script.call({ start: "well" })).result, 1);
  });
}

test("cpu: promise jobs without end", async () => {
  const script = await loadForTest(
    `async function run() { for (;;) await 0 }
     function chain() { (function next() { Promise.resolve().then(next) })() }`,
    SMALL,
  );
  await assert.rejects(script.call({ start: "run" }), { code: "MOC_LIMIT_CPU" });
  await assert.rejects(script.call({ start: "chain" }), { code: "MOC_LIMIT_CPU" });
});

test("cpu: at top level, in scripts and in modules", async () => {
  await assert.rejects(loadForTest("for (;;);", SMALL), { code: "MOC_LIMIT_CPU" });
  await assert.rejects(loadForTest("export default 1; for (;;);", SMALL), {
    code: "MOC_LIMIT_CPU",
  });
  await assert.rejects(loadForTest("export default 1; for (;;) await 0;", SMALL), {
    code: "MOC_LIMIT_CPU",
  });
});

test("cpu: time spent waiting does not count", async () => {
  const script = await loadForTest(
    "function run() { for (var i = 0; i < 4; i++) requireApi('core').sleep(80); return 1 }",
    SMALL,
  );
  assert.equal((await script.call({ start: "run" })).result, 1);
});

const RECURSIONS = {
  functions: "(function f() { f() })()",
  methods: "var o = { get x() { return this.x } }; o.x",
  "nested JSON": "var s = ''; for (var i = 0; i < 100000; i++) s += '['; JSON.parse(s)",
  "nested arrays": "var a = []; for (var i = 0; i < 100000; i++) a = [a]; JSON.stringify(a)",
  proxies: "var p = {}; for (var i = 0; i < 100000; i++) p = new Proxy(p, {}); p.x",
  "bound functions":
    "var f = function () {}; for (var i = 0; i < 100000; i++) f = f.bind(null); f()",
  toString: "var o = { toString: function () { return '' + o } }; '' + o",
  "regular expressions": "new RegExp('('.repeat(100000) + ')'.repeat(100000))",
  "source text": "eval('('.repeat(100000))",
};

for (const [name, code] of Object.entries(RECURSIONS)) {
  for (const stackKiB of [256, 4096]) {
    test(`stack of ${stackKiB} KiB: ${name}`, async () => {
      const script = await loadForTest(
        `function run() { ${code}; return 2 }
         function caught() { try { run() } catch (e) { return 3 } return 4 }
         function well() { return 1 }`,
        { limits: { stackKiB, cpuMs: 20_000 } },
      );
      const acceptable = ["MOC_LIMIT_STACK", "MOC_GUEST_ERROR", "MOC_LIMIT_MEMORY"];
      const failed = (error: MocError) => acceptable.includes(error.code);
      const end = await script.call({ start: "run" }).catch((error: MocError) => {
        assert.ok(failed(error), String(error.code) + error.message);
        return undefined;
      });
      // Whether it can be caught depends on the machine having survived; the function always does.
      if (end) assert.equal(end.result, 2);
      await script.call({ start: "caught" }).then(
        (one) => assert.ok(one.result === 3 || one.result === 4),
        (error: MocError) => assert.ok(failed(error), error.code),
      );
      assert.equal((await script.call({ start: "well" })).result, 1);
    });
  }
}

test("stack: recursion is reported as such, with its place, and can be caught", async () => {
  const script = await loadForTest(`function run() { (function deep() {
      deep()
    })() }
    function caught() { try { run() } catch (e) { return 3 } }`);
  await assert.rejects(script.call({ start: "run" }), (error: MocError) => {
    assert.equal(error.code, "MOC_LIMIT_STACK");
    assert.equal(error.position?.line, 2);
    return true;
  });
  assert.equal((await script.call({ start: "caught" })).result, 3);
});

test("a call that is cancelled while it waits ends at once, and its machine is not used again", async () => {
  const script = await loadForTest(`
    function run() { requireApi('core').sleep(60000); return 1 }
    function well() { return 2 }`);
  const abort = new AbortController();
  const running = script.call({
    start: "run",
    signal: abort.signal,
    host: { sleep: () => new Promise(() => undefined) },
  });
  setImmediate(() => abort.abort(Object.assign(new Error("gone"), {})));
  await assert.rejects(running, /gone/);
  assert.equal((await script.call({ start: "well" })).result, 2);
});

test("too many timers, buffers and log lines are refused", async () => {
  const script = await loadForTest(`
    function timers() { for (;;) setTimeout(function () {}, 100000) }
    function buffers() { for (;;) requireApi('core').createExchangeBuffer() }`);
  await assert.rejects(script.call({ start: "timers" }), /timers already/);
  await assert.rejects(script.call({ start: "buffers" }), { code: "MOC_LIMIT_BUFFERS" });
});

test("time that the thread did not compute does not count as the guest's", async () => {
  const limits = { memoryPages: 512, stackBytes: 256 * 1024, cpuMs: 60, budget: NO_BUDGET };
  const { image } = await preludeImage(BOUND_MODULES, limits.stackBytes, false);
  const machine = image.instantiate(limits);
  // As if another process had the processor meanwhile.
  machine.host = {
    answer() {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
      return new Uint8Array(1);
    },
  };
  const loop = (count: number) => `for (let i = 0; i < ${count}; i++); 7`;
  const waits = `${loop(20_000)}; crypto.getRandomValues(new Uint8Array(1)); ${loop(20_000)}`;
  const value = await machine.evaluate(waits, "t", EVAL.SCRIPT);
  assert.equal(machine.fault, undefined);
  assert.equal(machine.integer(value), 7);
  await assert.rejects(machine.evaluate("for (;;);", "t", EVAL.SCRIPT), { code: "MOC_LIMIT_CPU" });
});
