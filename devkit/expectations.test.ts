import assert from "node:assert/strict";
import { test } from "node:test";
import { checkExpectations, lineDiff } from "./expectations.ts";
import type { Expectations } from "./sample-shape.ts";

function failures(expect: Expectations, body = "", status = 200): readonly string[] {
  return checkExpectations(expect, {
    status,
    headers: [
      ["Content-Type", "application/json"],
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ],
    body: new TextEncoder().encode(body),
    durationMs: 12,
    result: 7,
  });
}

test("no expectations are always met", () => {
  assert.deepEqual(
    checkExpectations(undefined, {
      status: 500,
      headers: [],
      body: new Uint8Array(),
      durationMs: 1,
    }),
    [],
  );
});

test("status, result and time", () => {
  assert.deepEqual(failures({ status: 200, result: 7, maxMs: 12 }), []);
  assert.deepEqual(failures({ status: 404 }), ["status is 200, expected 404"]);
  assert.deepEqual(failures({ result: 8 }), ["result is 7, expected 8"]);
  assert.deepEqual(failures({ maxMs: 5 }), ["took 12.0 ms, expected at most 5 ms"]);
});

test("headers by name in any case, by value or by pattern, one of several", () => {
  assert.deepEqual(failures({ headers: { "content-type": "/^APPLICATION\\/json$/i" } }), []);
  assert.deepEqual(failures({ headers: { "Set-Cookie": "b=2" } }), []);
  assert.deepEqual(failures({ headers: { "set-cookie": "c=3" } }), [
    'header set-cookie is "a=1, b=2", expected c=3',
  ]);
  assert.deepEqual(failures({ headers: { etag: "x" } }), ["header etag is absent, expected x"]);
});

test("body as text shows the lines that differ", () => {
  assert.deepEqual(failures({ body: "same" }, "same"), []);
  assert.deepEqual(failures({ body: "a\nb\nc" }, "a\nX\nc"), ["body differs:\n- b\n+ X"]);
  assert.deepEqual(failures({ matches: "^h.llo$" }, "hello"), []);
  assert.deepEqual(failures({ matches: "z" }, "hello"), ["body does not match /z/: hello"]);
});

test("JSON may have more than is expected, lists must be the same", () => {
  const body = JSON.stringify({ a: { b: 1, c: 2 }, list: [{ x: 1, y: 2 }, 2], n: null });
  assert.deepEqual(failures({ json: { a: { b: 1 }, list: [{ x: 1 }, 2], n: null } }, body), []);
  assert.deepEqual(failures({ json: { a: { b: 3 } } }, body), ["body.a.b is 1, expected 3"]);
  assert.deepEqual(failures({ json: { z: 1 } }, body), ["body.z is absent, expected 1"]);
  assert.deepEqual(failures({ json: { list: [{ x: 1 }] } }, body), [
    'body.list is [{"x":1,"y":2},2], expected [{"x":1}]',
  ]);
  assert.deepEqual(failures({ json: {} }, "<html>"), ["body is not JSON: <html>"]);
  assert.deepEqual(failures({ json: { a: 1 } }, "[]"), ["body is [], expected an object"]);
});

test("lineDiff leaves out equal edges and cuts what is long", () => {
  assert.equal(lineDiff("a\nb\nc", "a\nc"), "- b");
  const many = Array.from({ length: 50 }, (_, i) => `line ${i}`).join("\n");
  assert.match(lineDiff("", many), /… and 31 lines more$/);
});
