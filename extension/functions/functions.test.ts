import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import type { FunctionProject } from "../../devkit/manifest.ts";
import type { Manifest } from "../../devkit/manifest-shape.ts";
import type { Sample } from "../../devkit/sample-shape.ts";
import type { Plug } from "../../runtime/protocol/model.ts";
import type { FunctionSummary } from "../../runtime/protocol/rest.ts";
import { curlCommand, samplePath } from "./curl.ts";
import { firstPlug, functionItems, manifestPlugs, placesOf, projectOf } from "./function-item.ts";

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
  assert.equal(samplePath({}, "/wow!really"), "/wow!really");
});

/** The words that a shell hands to curl, and what it pipes into it. */
function shellRuns(command: string): { readonly words: readonly string[]; readonly input: string } {
  const script = `curl() { for a in "$@"; do printf '%s\\0' "$a"; done; case " $* " in *" @- "*) cat;; esac; }; ${command}`;
  const said = execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0");
  return { words: said.slice(0, -1), input: said.at(-1) ?? "" };
}

const curlOf = (sample: Sample, method = "post") =>
  curlCommand({
    baseUrl: "https://127.0.0.1:1",
    sample,
    sampleFile: "/w/hello/samples/a.json",
    plug: { method, path: "/a" },
    certificateFile: "/tmp/c d.pem",
  });

test("a curl command survives the shell, whatever is in it", () => {
  const body = `it's "quoted" $HOME \`ls\`\nnext`;
  const { words } = shellRuns(
    curlOf({ headers: { "x-a": "it's", "x-empty": "" }, body, query: { b: "c d" } }),
  );
  assert.ok(words.includes(body));
  assert.ok(words.includes("x-a: it's"));
  assert.ok(words.includes("x-empty;"));
  assert.ok(words.includes("content-type:"), "curl must not call it a form");
  assert.ok(words.includes("/tmp/c d.pem"));
  assert.ok(words.includes("POST"));
  assert.equal(words.at(-1), "https://127.0.0.1:1/a?b=c+d");
  assert.ok(!curlOf({}, "*").includes("request"));
  assert.match(curlOf({}, "head"), / --head /);
});

test("a curl command sends JSON, files and bytes as the sample does", () => {
  const json = shellRuns(curlOf({ bodyJson: { a: [1] } })).words;
  assert.ok(json.includes('{"a":[1]}') && json.includes("content-type: application/json"));
  const file = shellRuns(curlOf({ bodyFile: "../in put.png" })).words;
  assert.ok(file.includes("@/w/hello/in put.png") && file.includes("content-type: image/png"));
  const typed = shellRuns(curlOf({ bodyFile: "x.bin", headers: { "Content-Type": "a/b" } })).words;
  assert.equal(typed.filter((word) => /content-type/i.test(word)).length, 1);
  const bytes = shellRuns(curlOf({ bodyBase64: Buffer.from("hi there").toString("base64") }));
  assert.deepEqual([bytes.words.includes("@-"), bytes.input], [true, "hi there"]);
  assert.equal(shellRuns(curlOf({ body: "@home's" })).input, "@home's");
});

test("a site is one place, however many files it has", () => {
  const [plug] = summary("site", "/site").plugs;
  assert.ok(plug);
  const file = (path: string): Plug => ({ ...plug, type: "file", method: "get", path });
  const files = ["/site/a/index.html", "/site", "/site/", "/site/style.css"].map(file);
  const site = { name: "site", summary: { ...summary("site"), plugs: files } };
  assert.deepEqual(placesOf(site), [{ method: "get", path: "/site/", files: 4 }]);
  assert.equal(firstPlug(site)?.path, "/site/");
  const both = { name: "both", summary: { ...summary("both"), plugs: [...files, plug] } };
  assert.deepEqual(firstPlug(both), { method: "post", path: "/site" });
  const manifest = {
    name: "site",
    language: "static-site",
    files: [{ path: "/s", dir: "public" }],
  };
  assert.deepEqual(manifestPlugs(manifest as Manifest), [{ method: "get", path: "/s/" }]);
});
