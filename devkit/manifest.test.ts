import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { MocError } from "../runtime/protocol/errors.ts";
import { checkManifest, problemsAsError, readProject } from "./manifest.ts";
import { temporaryFolder, writeFiles } from "./testing.ts";

function problemsOf(value: unknown): readonly string[] {
  return checkManifest(JSON.stringify(value), "/f/moc.json").problems.map((one) => one.message);
}

const GOOD = {
  name: "hello",
  language: "rust",
  mode: "direct",
  start: "handle",
  plugs: [{ method: "get", path: "/hello/!name" }],
  files: [{ path: "/hello/static", dir: "public" }],
  limits: { memoryMiB: 128, timeoutMs: 30_000 },
  capabilities: [],
};

test("the manifest of the design is read as it stands", () => {
  const { manifest, problems } = checkManifest(JSON.stringify(GOOD), "/f/moc.json");
  assert.deepEqual(problems, []);
  assert.deepEqual(manifest, GOOD);
});

test("an unknown key names the nearest known one", () => {
  assert.deepEqual(problemsOf({ ...GOOD, plug: [] }), ['plug is unknown; did you mean "plugs"?']);
  assert.match(
    problemsOf({ ...GOOD, limits: { memoryMb: 1 } })[0] ?? "",
    /limits\.memoryMb.*memoryMiB/,
  );
  assert.match(problemsOf({ ...GOOD, zzzzzzzzz: 1 })[0] ?? "", /known are .*name, language/);
});

test("wrong types and values name their path", () => {
  assert.deepEqual(problemsOf({ ...GOOD, plugs: [{ path: 5 }] }), [
    "plugs[0].path must be a string, not a number",
  ]);
  assert.deepEqual(problemsOf({ ...GOOD, plugs: {} }), ["plugs must be a list, not an object"]);
  assert.match(problemsOf({ ...GOOD, language: "rusty" })[0] ?? "", /did you mean "rust"\?/);
  assert.match(problemsOf({ ...GOOD, limits: { memoryMiB: 1.5 } })[0] ?? "", /whole number from 1/);
  assert.match(problemsOf({ ...GOOD, limits: { memoryMiB: 1e9 } })[0] ?? "", /limits\.memoryMiB/);
  assert.match(problemsOf({ ...GOOD, capabilities: ["root"] })[0] ?? "", /capabilities\[0\]/);
  assert.match(problemsOf({ ...GOOD, name: "$(id)" })[0] ?? "", /no function name/);
  assert.match(
    problemsOf({ ...GOOD, env: { A: null } })[0] ?? "",
    /env\.A must be a string, not null/,
  );
});

test("all problems are told, not only the first", () => {
  const manifest = { plugs: [{ path: 1 }, { path: "x" }], color: 1 };
  const messages = problemsOf(manifest);
  assert.equal(messages.length, 5);
  const error = problemsAsError(checkManifest(JSON.stringify(manifest), "/f/moc.json").problems);
  const lines = error.message.split("\n");
  assert.equal(lines.length, 5);
  for (const [i, message] of messages.entries()) {
    assert.match(lines[i] ?? "", /^\/f\/moc\.json:1:\d+: /);
    assert.ok(lines[i]?.endsWith(message), lines[i]);
  }
});

test("required fields say what they are", () => {
  assert.deepEqual(problemsOf({ language: "rust" }), ["name is missing: name of the function"]);
  assert.deepEqual(problemsOf([]), ["the file must be an object, not a list"]);
});

test("fields that need or exclude each other", () => {
  assert.match(
    problemsOf({ ...GOOD, files: [{ path: "/x" }] })[0] ?? "",
    /files\[0\] needs one of/,
  );
  assert.match(
    problemsOf({ ...GOOD, files: [{ path: "/x", dir: "a", file: "b" }] })[0] ?? "",
    /one of/,
  );
  assert.match(problemsOf({ name: "a", language: "prebuilt" })[0] ?? "", /needs "artifact"/);
  assert.match(problemsOf({ name: "a", language: "custom" })[0] ?? "", /needs "build"/);
  assert.match(problemsOf({ ...GOOD, artifact: "x.wasm" })[0] ?? "", /prebuilt/);
  const twice = { ...GOOD, plugs: [{ path: "/x" }, { path: "/x", method: "GET" }] };
  assert.match(problemsOf(twice)[0] ?? "", /plugs\[1\] repeats get \/x/);
});

test("published files stay in the function's folder", () => {
  for (const dir of ["../../.ssh", "/etc", "a/../../b", "C:\\x", "a\\..\\..\\b"]) {
    assert.equal(problemsOf({ ...GOOD, files: [{ path: "/x", dir }] }).length, 1, dir);
  }
});

test("problems have their place in the file", () => {
  const text = '{\n  "name": "a",\n  "language": "c",\n  "plugs": [{ "path": 7 }]\n}\n';
  const [problem] = checkManifest(text, "/f/moc.json").problems;
  assert.deepEqual(
    { ...problem },
    {
      file: "/f/moc.json",
      line: 4,
      column: 23,
      endLine: 4,
      endColumn: 24,
      severity: "error",
      message: "plugs[0].path must be a string, not a number",
      code: "MOC_MANIFEST",
    },
  );
});

test("text that is not JSON is told with its place", () => {
  const [problem] = checkManifest('{\n "name": \n}', "/f/moc.json").problems;
  assert.match(problem?.message ?? "", /not JSON: value expected/);
  assert.equal(problem?.line, 3);
  assert.match(checkManifest("", "/f/moc.json").problems[0]?.message ?? "", /not JSON|empty/);
  assert.match(checkManifest("// note\n{}", "/f/moc.json").problems[0]?.message ?? "", /comment/);
});

test("a key given twice and __proto__ are no way round the checks", () => {
  const twice = checkManifest('{"name":"a","name":"b","language":"c"}', "/f/moc.json");
  assert.match(twice.problems[0]?.message ?? "", /name is given twice/);
  const proto = checkManifest('{"name":"a","language":"c","__proto__":{"mode":"posix"}}', "/f");
  assert.match(proto.problems[0]?.message ?? "", /__proto__ is unknown/);
  const env = checkManifest('{"name":"a","language":"c","env":{"__proto__":"x"}}', "/f");
  assert.ok(Object.hasOwn(env.manifest?.env ?? {}, "__proto__"));
});

test("readProject points at the first problem and tells the others below", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFiles(folder, { "moc.json": '{ "nam": 1 }' });
  await assert.rejects(readProject(folder), (error: MocError) => {
    assert.equal(error.code, "MOC_MANIFEST");
    assert.match(
      error.message,
      /moc\.json:1:3: nam is unknown; did you mean "name"\?\n.*name is missing.*\n.*language is missing/,
    );
    assert.deepEqual(error.position, { file: join(folder, "moc.json"), line: 1, column: 3 });
    return true;
  });
  await assert.rejects(readProject(join(folder, "none")), (error: MocError) => {
    return error.code === "MOC_NOT_FOUND" && /moc new/.test(error.message);
  });
});

test("a mark of the byte order before the text is no problem, and places count without it", () => {
  const text = (name: string) => `\uFEFF{ "name": "${name}", "language": "javascript" }`;
  assert.equal(checkManifest(text("it"), "moc.json").manifest?.name, "it");
  const [problem] = checkManifest(text("no name"), "moc.json").problems;
  assert.deepEqual([problem?.line, problem?.column], [1, 12]);
});
