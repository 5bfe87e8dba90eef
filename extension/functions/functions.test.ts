import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import type { FunctionProject } from "../../devkit/manifest.ts";
import type { FunctionSummary } from "../../runtime/protocol/rest.ts";
import { curlCommand, sampleBody, samplePath } from "./curl.ts";
import { firstPlug, functionItems, projectOf } from "./function-item.ts";

const project = (name: string): FunctionProject => ({
  folder: `/w/${name}`,
  manifestFile: `/w/${name}/moc.json`,
  manifest: { name, language: "javascript", plugs: [{ path: `/${name}/!id` }] },
});

const summary = (name: string, ...paths: string[]): FunctionSummary => ({
  name,
  techID: "0",
  revision: 1,
  contentType: "text/javascript",
  length: 1,
  deployedAt: 0,
  settings: {},
  plugs: paths.map((path) => ({
    type: "function",
    method: "post",
    host: "",
    path,
    name,
    tags: {},
    start_function: "handle",
    data: "",
  })),
  filters: [],
  calls: 0,
  errors: 0,
  p50Ms: 0,
  p99Ms: 0,
  memoryBytes: 0,
});

test("sources and deployed versions of one name are one function", () => {
  const items = functionItems([project("b")], [summary("b", "/b"), summary("a")]);
  assert.deepEqual(
    items.map(({ name, project, summary }) => [name, Boolean(project), Boolean(summary)]),
    [
      ["a", false, true],
      ["b", true, true],
    ],
  );
});

test("the platform's own functions are left out, a user's with the same plugs is not", () => {
  const own = summary("dashboard", "/dashboard/");
  const tags = { category: "system-bootstrap" };
  const system = [{ ...own, plugs: own.plugs.map((plug) => ({ ...plug, tags })) }];
  assert.deepEqual(functionItems([], system), []);
  assert.equal(functionItems([project("dashboard")], system).length, 1);
  assert.equal(functionItems([], [summary("dashboard", "/mine")]).length, 1);
});

test("the first plug is the deployed one, else the manifest's", () => {
  const [item] = functionItems([project("b")], []);
  assert.deepEqual(item && firstPlug(item), { method: "get", path: "/b/!id" });
  const [live] = functionItems([project("b")], [summary("b", "/live")]);
  assert.deepEqual(live && firstPlug(live), { method: "post", path: "/live" });
});

test("a function without sources gets a project to invoke it by", () => {
  const [item] = functionItems([], [summary("far", "/far/!x")]);
  assert.deepEqual(item && projectOf(item).manifest.plugs, [{ method: "post", path: "/far/!x" }]);
});

test("a sample's path has its parameters and query put in", () => {
  const sample = { pathParams: { id: "a/b ?", rest: "x/y z" }, query: { q: "1&2" } };
  assert.equal(samplePath(sample, "/u/!id/*rest"), "/u/a%2Fb%20%3F/x/y%20z?q=1%262");
  assert.equal(samplePath({}, "/u/!id"), "/u/id");
  assert.equal(sampleBody({ bodyJson: { a: 1 } }), '{"a":1}');
});

test("a curl command survives the shell, whatever is in it", () => {
  const body = `it's "quoted" $HOME \`ls\`\nnext`;
  const command = curlCommand({
    url: "https://127.0.0.1:1/a?b=c d",
    method: "post",
    headers: { "x-a": "it's" },
    body,
    certificateFile: "/tmp/c d.pem",
  });
  const script = `curl() { for a in "$@"; do printf '%s\\0' "$a"; done; }; ${command}`;
  const words = execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0");
  assert.ok(words.includes(body));
  assert.ok(words.includes("x-a: it's"));
  assert.ok(words.includes("/tmp/c d.pem"));
  assert.ok(words.includes("POST"));
  assert.ok(!curlCommand({ url: "https://a/", method: "*" }).includes("request"));
});
