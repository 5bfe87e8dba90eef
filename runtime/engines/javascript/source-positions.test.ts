import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "esbuild";
import type { MocError } from "../../protocol/errors.ts";
import { loadForTest } from "./testing.ts";

const failure = async (work: Promise<unknown>): Promise<MocError> => {
  try {
    await work;
  } catch (error) {
    return error as MocError;
  }
  throw new Error("expected a failure");
};

test("uncaught errors say file, line and column, and show no frame of the platform", async () => {
  const script = await loadForTest(`function inner() {
  throw new RangeError("out of bounds")
}
function run() {
  inner()
}`);
  const error = await failure(script.call({ start: "run" }));
  assert.equal(error.code, "MOC_GUEST_ERROR");
  assert.equal(error.message, "RangeError: out of bounds");
  assert.deepEqual(error.position, { file: "test.js", line: 2, column: 23 });
  assert.deepEqual(error.guestStack?.split("\n"), [
    "RangeError: out of bounds",
    "    at inner (test.js:2:23)",
    "    at run (test.js:5:8)",
  ]);
});

test("errors of asynchronous functions have a place, too", async () => {
  const app = await loadForTest(`export default {
  async fetch() {
    await null
    null.x
  }
}`);
  const error = await failure(app.call());
  assert.match(error.message, /^TypeError: cannot read property 'x' of null/);
  assert.equal(error.position?.line, 4);
});

test("an inline source map leads to the original source", async () => {
  const source = `interface Unused { a: number }

export default {
  fetch(request: Request): Response {
    const value: string | undefined = undefined
    throw new Error("mapped")
  },
}
`;
  const { outputFiles } = await build({
    stdin: { contents: source, sourcefile: "src/app.ts", loader: "ts", resolveDir: "/" },
    bundle: true,
    write: false,
    format: "esm",
    minify: true,
    sourcemap: "inline",
    absWorkingDir: "/",
  });
  const app = await loadForTest(outputFiles[0]?.text ?? "");
  const error = await failure(app.call());
  assert.deepEqual(error.position, { file: "src/app.ts", line: 6, column: 15 });
  assert.match(error.guestStack ?? "", /src\/app\.ts:6:15/);
});

test("a damaged source map costs nothing but the original position", async () => {
  const script = await loadForTest(
    'function run() { throw new Error("x") }\n//# sourceMappingURL=data:application/json;base64,e30',
  );
  const error = await failure(script.call({ start: "run" }));
  assert.equal(error.position?.file, "test.js");
});

test("syntax errors are found while loading, in scripts and in modules", async () => {
  const script = await failure(loadForTest("var a = 1\nvar b = )"));
  assert.equal(script.code, "MOC_GUEST_INVALID");
  assert.deepEqual([script.position?.file, script.position?.line], ["test.js", 2]);
  const module = await failure(loadForTest("export default {\n  fetch( {\n}"));
  assert.equal(module.code, "MOC_GUEST_INVALID");
  assert.equal(module.position?.file, "test.js");
});

test("an error at top level is found while loading", async () => {
  const error = await failure(loadForTest("var a = 1\nundefinedFunction()"));
  assert.equal(error.code, "MOC_GUEST_INVALID");
  assert.match(error.message, /ReferenceError.*\(test\.js:2:/);
  assert.equal(error.position?.line, 2);
});

test("anything can be thrown", async () => {
  const script = await loadForTest(`
    function text() { throw "text" }
    function nothing() { throw undefined }
    function object() { throw { reason: 1 } }
    function hostile() { throw { get message() { throw this }, get name() { throw 1 } } }
    function proxy() { throw new Proxy({}, { get() { throw 1 } }) }
    function fake() { throw { name: "MocError", code: "MOC_INTERNAL", message: "m" } }
    function symbol() { throw Symbol("s") }`);
  const messages: Record<string, string> = {};
  for (const start of ["text", "nothing", "object", "hostile", "proxy", "fake", "symbol"]) {
    const error = await failure(script.call({ start }));
    assert.equal(error.code, "MOC_GUEST_ERROR");
    messages[start] = error.message;
  }
  assert.equal(messages.text, "thrown: text");
  assert.equal(messages.nothing, "thrown: undefined");
  assert.equal(messages.object, 'Error: {"reason":1}');
  assert.equal(messages.symbol, "thrown: Symbol(s)");
});

test("bytes that are not UTF-8 are refused", async () => {
  const { createJavaScriptEngine } = await import("./engine.ts");
  const { resolveLimits } = await import("../../protocol/limits.ts");
  const load = createJavaScriptEngine().load(
    {
      name: "binary",
      techID: "",
      contentType: "text/javascript",
      bytes: Uint8Array.of(0xff, 0xfe),
      settings: {},
      limits: resolveLimits(),
    },
    { modules: [], resolveModule: async () => undefined, log: () => undefined },
  );
  await assert.rejects(load, { code: "MOC_GUEST_INVALID" });
});
