import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallReport, ExchangePart } from "../runtime/protocol/model.ts";
import { toBase64 } from "./bytes.ts";
import {
  fillPath,
  isWhole,
  parseTarget,
  pathParameters,
  sampleFileName,
  sampleOfCall,
} from "./sample.ts";

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

const request = (body: Uint8Array, length?: number): ExchangePart => ({
  headers: {
    host: "localhost:8443",
    "user-agent": "a browser",
    "sec-fetch-site": "none",
    "x-moc-method": "post",
    "content-type": "application/json",
    "x-own": "1",
  },
  hidden: ["cookie"],
  body_base64: toBase64(body),
  ...(length !== undefined && { length }),
});

test("of a call's headers the request's own are in its sample, and its body as it was", () => {
  const text = new TextEncoder().encode('{"a":1}');
  const post = { ...report, target: "POST /!x/*y?a=1&a=2" };
  const sample = sampleOfCall(post, { request: request(text, 7) });
  assert.equal(sample.path, "/%21x/%2Ay?a=1&a=2");
  assert.equal(sample.query, undefined);
  assert.deepEqual(sample.headers, { "content-type": "application/json", "x-own": "1" });
  assert.equal(sample.body, '{"a":1}');
  const bytes = new Uint8Array([0, 255]);
  const binary = sampleOfCall(post, { request: request(bytes, 2) });
  assert.deepEqual([binary.body, binary.bodyBase64], [undefined, "AP8="]);
});

test("a body of which only a part is known is left out", () => {
  const bytes = new Uint8Array([65]);
  for (const part of [request(bytes, 2), request(bytes)]) {
    assert.equal(isWhole(part), false);
    assert.equal("body" in sampleOfCall(report, { request: part }), false);
  }
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
