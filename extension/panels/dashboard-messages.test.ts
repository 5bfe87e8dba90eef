import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFromDashboard } from "./dashboard-messages.ts";

const rest = { id: 1, method: "rest", name: "status" };
const invoke = { id: 2, method: "invoke", request: { method: "GET", path: "/a", headers: {} } };

test("declared messages pass", () => {
  const query = { prefix: "a", limit: 3 };
  assert.deepEqual(parseFromDashboard({ ...rest, name: "kvList", request: { query } }), {
    ...rest,
    name: "kvList",
    request: { path: {}, query, headers: {} },
  });
  const body = new Uint8Array(1);
  const headers = { "If-Match": "1" };
  const put = { ...rest, name: "kvPut", request: { path: { key: "a" }, body, headers } };
  assert.ok(parseFromDashboard(put));
  assert.ok(parseFromDashboard({ ...rest, method: "bytes", name: "backup" }));
  assert.deepEqual(parseFromDashboard(invoke), invoke);
  assert.deepEqual(parseFromDashboard({ method: "ready" }), { method: "ready" });
  assert.ok(parseFromDashboard({ method: "openSource", function: "a" }));
  assert.ok(parseFromDashboard({ method: "save", name: "a.bin", bytes: body }));
  const sample = { id: 3, method: "saveSample", function: "a", sample: { path: "/a" } };
  assert.deepEqual(parseFromDashboard(sample), sample);
  assert.ok(parseFromDashboard({ id: 4, method: "exportBackup", name: "all.tar.gz" }));
  assert.deepEqual(parseFromDashboard({ id: 5, method: "chooseArchive", file: "/etc/passwd" }), {
    id: 5,
    method: "chooseArchive",
  });
  assert.ok(parseFromDashboard({ id: 6, method: "restore" }));
});

test("nothing else reaches the runtime or the editor", () => {
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
    { ...invoke, request: { ...invoke.request, path: "https://elsewhere/" } },
    { ...invoke, request: { ...invoke.request, path: "/my-own-cluster/api/status" } },
    { ...invoke, request: { ...invoke.request, method: "GET /x" } },
    { ...invoke, request: { ...invoke.request, body: "text" } },
    { method: "openSource", function: 1 },
    { method: "save", name: "../../a", bytes: new Uint8Array(1) },
    { method: "save", name: "a", bytes: "text" },
    { id: 1, method: "saveSample", function: "a", sample: "text" },
    { id: 1, method: "saveSample", sample: {} },
    { id: 1, method: "exportBackup", name: "../all.tar.gz" },
    { method: "restore" },
    { method: "chooseArchive" },
  ];
  for (const message of bad) assert.equal(parseFromDashboard(message), undefined);
});
