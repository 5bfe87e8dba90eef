import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFromDashboard } from "./dashboard-messages.ts";

test("REST calls that are declared pass", () => {
  const message = {
    id: 1,
    method: "rest",
    name: "kvList",
    request: { query: { prefix: "a", limit: 3 } },
  };
  assert.deepEqual(parseFromDashboard(message), {
    id: 1,
    method: "rest",
    name: "kvList",
    request: { path: {}, query: { prefix: "a", limit: 3 }, headers: {} },
  });
  const put = {
    id: 2,
    method: "rest",
    name: "kvPut",
    request: { path: { key: "a" }, body: new Uint8Array(1) },
  };
  assert.ok(parseFromDashboard(put));
  assert.deepEqual(parseFromDashboard({ method: "ready" }), { method: "ready" });
});

test("nothing else reaches the runtime or the editor", () => {
  const rest = { id: 1, method: "rest", name: "status", request: {} };
  const bad: unknown[] = [
    undefined,
    "x",
    { method: "eval" },
    { ...rest, id: "1" },
    { ...rest, name: "toString" },
    { ...rest, name: "events" },
    { ...rest, request: { path: { a: 1 } } },
    { ...rest, request: { headers: { authorization: "x" } } },
    { ...rest, request: { body: "text" } },
    { method: "command", command: "workbench.action.quit" },
  ];
  for (const message of bad) assert.equal(parseFromDashboard(message), undefined);
});
