import assert from "node:assert/strict";
import { test } from "node:test";
import { REST } from "./rest.ts";
import { checkBody, checkQuery } from "./rest-check.ts";

const refusal = (message: RegExp) => ({ code: "MOC_BAD_REQUEST", message });

test("bodies: types, missing and unknown fields, null as absent", () => {
  const { body } = REST.callFunction;
  assert.ok(typeof body === "object");
  assert.deepEqual(checkBody(body, { name: "f", arguments: [1], mode: null }), {
    name: "f",
    arguments: [1],
  });
  assert.throws(() => checkBody(body, {}), refusal(/field name is missing: name of the function/));
  assert.throws(() => checkBody(body, { name: null }), refusal(/name is missing/));
  assert.throws(
    () => checkBody(body, { name: "f", x: 1 }),
    refusal(/field x is not known here; known: name/),
  );
  assert.throws(
    () => checkBody(body, JSON.parse('{"name":"f","__proto__":1}')),
    refusal(/__proto__/),
  );
  assert.throws(() => checkBody(body, { name: "f", toString: 1 }), refusal(/toString/));
  const bad: readonly [string, unknown, RegExp][] = [
    ["name", 1, /a string/],
    ["arguments", [1.5], /whole numbers/],
    ["arguments", { 0: 1 }, /whole numbers/],
    ["posix_arguments", [1], /strings/],
    ["headers", [], /an object/],
    ["timeout_ms", "5", /a whole number/],
  ];
  for (const [name, value, message] of bad) {
    assert.throws(() => checkBody(body, { name: "f", [name]: value }), refusal(message), name);
  }
  for (const whole of [undefined, null, 5, "x", []]) {
    assert.throws(() => checkBody(body, whole), refusal(/JSON object/));
  }
});

test("queries: numbers where declared, decoding, doubles, unknown names", () => {
  const { query } = REST.names;
  assert.deepEqual(checkQuery(query, "prefix=a%2Fb+c&limit=10&after="), {
    prefix: "a/b c",
    after: "",
    limit: 10,
  });
  assert.deepEqual(checkQuery(query, ""), {});
  assert.deepEqual(checkQuery(query, "&&prefix=5"), { prefix: "5" });
  assert.throws(() => checkQuery(query, "limit=1e3"), refusal(/limit must be a whole number/));
  assert.throws(() => checkQuery(query, "limit="), refusal(/limit/));
  assert.throws(() => checkQuery(query, "limit=1&limit=1"), refusal(/twice/));
  assert.throws(() => checkQuery(query, "__proto__=1"), refusal(/__proto__ is not known/));
  assert.throws(() => checkQuery(query, "prefix=%E0"), refusal(/percent/));
  assert.throws(() => checkQuery(REST.plugs.query, "x=1"), refusal(/known: none/));
});
