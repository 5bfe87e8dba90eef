import assert from "node:assert/strict";
import { test } from "node:test";
import { isCallOf } from "./call-details.ts";

const call = { trigger: "http", target: "GET /a?b=1", status: 200, at: 1000 } as const;

test("a call is known by its target, status and time", () => {
  assert.ok(isCallOf(call, "GET /a?b=1", 200, 1000));
  assert.ok(isCallOf(call, "get /a?b=1", 200, 1000.9));
  assert.ok(!isCallOf(call, "GET /a", 200, 1000));
  assert.ok(!isCallOf(call, "GET /a?b=1", 500, 1000));
  assert.ok(!isCallOf(call, "GET /a?b=1", 200, 2000));
  assert.ok(!isCallOf({ ...call, trigger: "rest" }, "GET /a?b=1", 200, 1000));
});
