import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallReport } from "../runtime/protocol/model.ts";
import { fillPath, parseTarget, pathParameters, sampleFileName, sampleOfCall } from "./sample.ts";

const report: CallReport = {
  id: 7,
  function: "hello",
  techID: "0".repeat(64),
  startFunction: "fetch",
  trigger: "http",
  target: "GET /hello/a%20b?x=1&y=2",
  at: 0,
  durationMs: 1,
  queueMs: 0,
  status: 200,
  bytesIn: 0,
  bytesOut: 2,
  memoryBytes: 0,
  logLines: 0,
  spans: [],
};

test("a call becomes a sample that asks the same and expects its status", () => {
  const sample = sampleOfCall(report);
  assert.deepEqual(sample, {
    name: "call 7 of hello",
    method: "GET",
    path: "/hello/a%20b",
    query: { x: "1", y: "2" },
    expect: { status: 200 },
  });
  assert.equal(sampleFileName(sample), "call-7-of-hello.http.json");
  assert.equal(sampleFileName({ ...sample, name: "../../x" }), "x.http.json");
});

test("parameters of a pattern are filled in, encoded", () => {
  assert.deepEqual(pathParameters("/a/!b/*rest"), ["b", "rest"]);
  assert.equal(fillPath("/a/!b/*rest", { b: "x/y", rest: "p/q r" }), "/a/x%2Fy/p/q%20r");
  assert.equal(fillPath("/a/!b", {}), "/a/");
});

test("what is no request line is none", () => {
  assert.equal(parseTarget("hello"), undefined);
  assert.equal(parseTarget("get /x"), undefined);
  assert.deepEqual(parseTarget("POST /x"), { method: "POST", path: "/x", query: "" });
});
