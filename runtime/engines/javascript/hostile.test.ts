import assert from "node:assert/strict";
import { test } from "node:test";
import { ERRORS, type MocError } from "../../protocol/errors.ts";
import { loadForTest } from "./testing.ts";

/** Guests that turn the tools of the prelude against it. Each may fail in its own call only. */
const HOSTILE = {
  "JSON.stringify that lies": "JSON.stringify = () => 'not JSON'; throw new Error('x')",
  "JSON.stringify that throws": "JSON.stringify = () => { throw 1 }; throw new Error('x')",
  "JSON.parse that lies": "JSON.parse = () => null; return Response.json(await env.kv.list())",
  "Promise.prototype.then": "Promise.prototype.then = () => {}; return new Response('x')",
  "Map.prototype":
    "Map.prototype.get = Map.prototype.set = () => { throw 1 }; return new Response('x', { headers: { a: 'b' } })",
  "Array iteration":
    "Array.prototype[Symbol.iterator] = function* () { for (;;) yield 1 }; return Response.json([...new Headers({ a: 'b' })])",
  "Object.prototype getters":
    "Object.defineProperty(Object.prototype, 'then', { get() { throw 7 } }); return new Response('x')",
  "a static of Response":
    "Response._headersJson = () => '{\"a\\\\nb\":5}'; return new Response('x')",
  "Error.prototype":
    "Object.defineProperty(Error.prototype, 'message', { get() { return this.message } }); throw new Error()",
  "a status that is none": "return Response.error()",
  "globalThis is gone":
    "for (const name of Object.getOwnPropertyNames(globalThis)) { try { delete globalThis[name] } catch {} } throw new (class extends (function(){}) {})()",
  "huge arguments": "return new Response(new TextDecoder().decode(new Uint8Array(3e6)).repeat(3))",
  "questions without end": "for (;;) env.kv.get('x').catch(() => 0)",
  "many headers":
    "const h = new Headers(); for (let i = 0; i < 1e4; i++) h.append('x' + i, 'y'); return new Response('', { headers: h })",
  "numbers that are none":
    "requireApi('core').writeExchangeBufferStatusCode(NaN, {}); requireApi('core').sleep(-1); requireApi('core').readExchangeBufferPart(1, new Uint8Array(0)); return new Response('x')",
  "a length of 2^32":
    "requireApi('core').readExchangeBufferPart(1, { byteLength: 4294967295 }); return new Response('x')",
  "symbols as arguments": "requireApi('core').printDebug(Symbol('x'))",
  "objects that call back":
    "requireApi('core').writeExchangeBufferHeader(2, { toString() { requireApi('core').printDebug('inside'); return 'a' } }, 'b'); return new Response('x')",
};

for (const [name, code] of Object.entries(HOSTILE)) {
  test(`hostile: ${name}`, async () => {
    const app = await loadForTest(
      `export default { async fetch(request, env) { ${code} } }
       export function well() { return 1 }`,
      { limits: { cpuMs: 500, memoryMiB: 32 } },
    );
    await app.call().then(
      () => undefined,
      (error: MocError) => {
        assert.ok(error.code in ERRORS, String(error.stack));
        assert.notEqual(error.code, "MOC_INTERNAL", error.message);
      },
    );
    assert.equal((await app.call({ start: "well" })).result, 1);
  });
}

test("the host function and the prelude's internals are out of reach", async () => {
  const script = await loadForTest(`function run() {
    return [typeof __host, typeof __internals, typeof __streams, typeof std, typeof os, typeof bjson].every(function (t) { return t === "undefined" }) ? 200 : 500
  }`);
  assert.equal((await script.call({ start: "run" })).result, 200);
});
