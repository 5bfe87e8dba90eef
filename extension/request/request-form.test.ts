import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sample } from "../../devkit/sample-shape.ts";
import { plain as say } from "../say.ts";
import { pathParameters, type RequestForm } from "./form.ts";
import { formOfSample, sampleOfForm } from "./request-form.ts";

const plug = { method: "post", path: "/u/!id/*rest" };
const empty: RequestForm = formOfSample({}, plug);

test("an empty sample takes method and path of the function's plug", () => {
  assert.equal(empty.kind, "http");
  assert.equal(empty.method, "POST");
  assert.equal(empty.path, "/u/!id/*rest");
  assert.equal(formOfSample({}, { method: "*", path: "/" }).method, "GET");
  assert.equal(formOfSample({}, undefined).kind, "direct");
});

test("samples survive the form", () => {
  const samples: Sample[] = [
    {
      method: "put",
      path: "/u/!id/*rest",
      pathParams: { id: "1", rest: "a/b" },
      query: { q: "é" },
      headers: { "x-a": "1" },
      bodyJson: { a: [1, null] },
    },
    { method: "get", path: "/", body: "text" },
    { method: "get", path: "/", bodyFile: "body.bin" },
    { method: "get", path: "/", bodyBase64: "AAE=" },
    { mode: "direct", startFunction: "add", arguments: [1, -2] },
    { mode: "posix", posixArguments: ["-v", "a b", ""], body: "in" },
    { mode: "cgi", posixArguments: [], headers: { "x-a": "1" }, bodyJson: 1 },
  ];
  for (const sample of samples)
    assert.deepEqual(sampleOfForm(formOfSample(sample, plug), say), sample);
});

test("path parameters follow the pattern", () => {
  assert.deepEqual(pathParameters("/a/!id/b/*rest"), ["id", "rest"]);
  const sample = sampleOfForm({ ...empty, pathParams: { id: "1", gone: "2" } }, say);
  assert.deepEqual(sample.pathParams, { id: "1", rest: "" });
});

test("half written lines are left out, a name given twice is refused", () => {
  const query: [string, string][] = [
    ["a", "1"],
    ["", "x"],
  ];
  assert.deepEqual(sampleOfForm({ ...empty, query }, say).query, { a: "1" });
  const headers: [string, string][] = [
    ["Accept", "1"],
    ["accept", "2"],
  ];
  assert.throws(() => sampleOfForm({ ...empty, headers }, say), /"accept" is given twice/);
});

test("what is not valid is named", () => {
  assert.throws(
    () => sampleOfForm({ ...empty, bodyKind: "json", body: "{" }, say),
    /no valid JSON/,
  );
  assert.throws(() => sampleOfForm({ ...empty, bodyKind: "base64", body: "%" }, say), /no base64/);
  const direct: RequestForm = { ...empty, kind: "direct" };
  assert.throws(
    () => sampleOfForm({ ...direct, arguments: "1 x" }, say),
    /"x" is no 32-bit integer/,
  );
  assert.throws(() => sampleOfForm({ ...direct, arguments: "1.5" }, say), /"1.5"/);
  assert.deepEqual(sampleOfForm({ ...direct, arguments: " 1, 2 " }, say).arguments, [1, 2]);
});
