import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { MocError } from "../runtime/protocol/errors.ts";
import type { FunctionProject } from "./manifest.ts";
import { sampleCommand } from "./sample-command.ts";
import { sampleMethod, samplePath, sampleRequest } from "./sample-request.ts";
import type { Sample } from "./sample-shape.ts";
import { checkSample, findSample, readSamples } from "./samples.ts";
import { temporaryFolder, writeFiles } from "./testing.ts";

const project: FunctionProject = {
  folder: "/f",
  manifestFile: "/f/moc.json",
  manifest: {
    name: "shop",
    language: "c",
    plugs: [
      { path: "/shop/!item/*rest", method: "put" },
      { path: "/shop", method: "*" },
    ],
  },
};

function problemsOf(value: unknown): readonly string[] {
  return checkSample(JSON.stringify(value), "/f/samples/a.json").problems.map((one) => one.message);
}

test("samples are read in order of their files, each with its problems", async (t) => {
  const folder = await temporaryFolder(t);
  assert.deepEqual(await readSamples({ folder }), []);
  await writeFiles(folder, {
    "samples/2-b.http.json": "{}",
    "samples/1-a.json": '{"name":"first","expect":{"status":200}}',
    "samples/3-c.json": '{"expect":{"stats":200}}',
    "samples/body.txt": "not a sample",
  });
  const samples = await readSamples({ folder });
  assert.deepEqual(
    samples.map((one) => one.name),
    ["first", "2-b", "3-c"],
  );
  assert.deepEqual(samples[0]?.sample?.expect, { status: 200 });
  assert.equal(samples[2]?.sample, undefined);
  assert.match(samples[2]?.problems[0]?.message ?? "", /expect\.stats.*"status"/);
  assert.equal(samples[2]?.problems[0]?.file, join(folder, "samples/3-c.json"));
});

test("a sample is meant by its name, its file or a path, and by nothing less", () => {
  const samples = ["greets-you", "json"].map((name) => ({
    file: `/f/samples/${name}.json`,
    name: name.replace("-", " "),
    problems: [],
  }));
  for (const meant of ["greets you", "greets-you", "greets-you.json", "samples/greets-you.json"]) {
    assert.equal(findSample(samples, meant), samples[0], meant);
  }
  assert.equal(findSample(samples, "json"), samples[1]);
  assert.throws(() => findSample(samples, "son"), {
    code: "MOC_NOT_FOUND",
    message: 'There is no sample "son": did you mean "json"?',
  });
  assert.throws(() => findSample([], "x"), { message: 'There is no sample "x": there are none.' });
});

test("fields that exclude each other, and values that are none", () => {
  assert.match(problemsOf({ body: "a", bodyJson: 1 })[0] ?? "", /only one of body and bodyJson/);
  assert.match(problemsOf({ arguments: [1] })[0] ?? "", /needs "mode"/);
  assert.match(problemsOf({ mode: "direct", path: "/x" })[0] ?? "", /calls by URL/);
  assert.match(problemsOf({ expect: { result: 1 } })[0] ?? "", /needs "mode"/);
  assert.match(problemsOf({ expect: { matches: "(" } })[0] ?? "", /expect\.matches/);
  assert.match(problemsOf({ bodyBase64: "%" })[0] ?? "", /base64/);
  assert.match(problemsOf({ mode: "direct", arguments: [2 ** 40] })[0] ?? "", /arguments\[0\]/);
});

test("the path is filled from the parameters, encoded, with the query behind", () => {
  const pathParams = { item: "a/b ü", rest: "x/y z" };
  assert.equal(samplePath(project, { pathParams }), "/shop/a%2Fb%20%C3%BC/x/y%20z");
  assert.equal(
    samplePath(project, { path: "/shop?a=1", query: { q: "a&b" } }),
    "/shop?a=1&q=a%26b",
  );
  assert.throws(() => samplePath(project, { pathParams: { item: "x" } }), /value for "rest"/);
  const bare = { ...project, manifest: { name: "x", language: "c" as const } };
  assert.throws(
    () => samplePath(bare, {}),
    (error: MocError) => error.code === "MOC_MANIFEST",
  );
});

test("the method is the sample's, else the plug's", () => {
  assert.equal(sampleMethod(project, {}), "PUT");
  assert.equal(sampleMethod(project, { path: "/shop" }), "GET");
  assert.equal(sampleMethod(project, { method: "delete" }), "DELETE");
});

test("bodies come from text, JSON, base64 or a file beside the sample", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFiles(folder, { "samples/in.png": new Uint8Array([1, 2]) });
  const file = join(folder, "samples/a.json");
  const body = async (sample: object) => {
    const request = await sampleRequest(project, { path: "/shop", ...sample }, file);
    return [Buffer.from(request.body ?? "").toString("latin1"), request.headers];
  };
  assert.deepEqual(await body({ body: "hi" }), ["hi", {}]);
  assert.deepEqual(await body({ bodyJson: [1] }), ["[1]", { "content-type": "application/json" }]);
  assert.deepEqual(await body({ bodyBase64: "aGk=" }), ["hi", {}]);
  assert.deepEqual(await body({ bodyFile: "in.png" }), [
    "\x01\x02",
    { "content-type": "image/png" },
  ]);
  const own = { bodyJson: 1, headers: { "Content-Type": "text/x" } };
  assert.deepEqual(await body(own), ["1", { "Content-Type": "text/x" }]);
  await assert.rejects(body({ bodyFile: "none" }), /none, named by bodyFile/);
});

test("sampleCommand quotes whatever a sample holds", () => {
  const sample = { path: "/shop", method: "POST", body: "it's $(id)", headers: { a: "b;c" } };
  assert.equal(
    sampleCommand("https://localhost:1", project, sample),
    `curl -H 'a: b;c' --data-raw 'it'\\''s $(id)' https://localhost:1/shop`,
  );
  const command = (sample: Sample) => sampleCommand("https://localhost:1", project, sample);
  assert.equal(command({ path: "/shop", method: "POST" }), "curl -X POST https://localhost:1/shop");
  assert.equal(
    command({ path: "/shop", method: "PUT", body: "@x" }),
    "curl -X PUT --data-raw @x https://localhost:1/shop",
  );
  assert.equal(
    sampleCommand("https://localhost:1", project, {
      mode: "posix",
      body: "x y",
      posixArguments: ["-l"],
    }),
    "moc call shop -mode posix -input 'x y' -- -l",
  );
});
