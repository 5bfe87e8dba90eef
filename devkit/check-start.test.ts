/** What a deploy says of a function whose artefact lacks what calls are to enter. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import type { BuildResult } from "./builders/builder.ts";
import { builderFor, closeBuilders } from "./builders/list.ts";
import { checkStart } from "./check-start.ts";
import { deployProject } from "./deploy.ts";
import type { Manifest } from "./manifest-shape.ts";
import { startPlatform, temporaryFolder, writeFiles, writeProject } from "./testing.ts";

after(closeBuilders);

const PLUGS = [{ path: "/it" }];

/** Builds one file and looks for what is entered. */
async function checked(
  t: TestContext,
  manifest: Omit<Manifest, "name">,
  file: string,
  text: string | Uint8Array,
): Promise<BuildResult> {
  const folder = await temporaryFolder(t);
  const project = await writeProject(folder, { name: "it", ...manifest }, { [file]: text });
  const build = await builderFor(project).build(project);
  assert.ok(build.ok, JSON.stringify(build.diagnostics));
  return checkStart(project, build);
}

/** The error that a script gets, or none. */
async function script(
  t: TestContext,
  text: string,
  entry: Omit<Manifest, "name" | "language"> = { plugs: PLUGS },
): Promise<string | undefined> {
  const result = await checked(t, { language: "javascript", ...entry }, "index.js", text);
  return result.ok ? undefined : result.diagnostics[0]?.message;
}

test("the first deploy of a start function that is not there is refused, at its place", async (t) => {
  const folder = await temporaryFolder(t);
  const { client } = await startPlatform(t, join(folder, "data"));
  const wat = await writeProject(
    folder,
    { name: "adder", language: "wat", start: "handel", plugs: PLUGS },
    { "main.wat": `(module (func (export "handle") (result i32) i32.const 200))` },
  );
  const outcome = await deployProject(client, wat);
  assert.ok(!outcome.ok);
  const [problem] = outcome.build.diagnostics;
  assert.deepEqual([problem?.file, problem?.code], [wat.manifestFile, "MOC_GUEST_NO_START"]);
  assert.match(problem?.message ?? "", /"handel".*there is handle; did you mean "handle"\?/);
  assert.deepEqual(
    (await client.call("functions")).functions.map(({ name }) => name).includes("adder"),
    false,
  );
});

test("the version before goes on answering, in WebAssembly, C and JavaScript", async (t) => {
  const folder = await temporaryFolder(t);
  const { client } = await startPlatform(t, join(folder, "data"));
  const cases = [
    ["wat", "main.wat", `(module (func (export "NAME") (result i32) i32.const 201))`],
    ["c", "main.c", `__attribute__((export_name("NAME"))) int entered(void) { return 201; }\n`],
    ["javascript", "index.js", "function NAME() { return 201 }\n"],
  ] as const;
  for (const [language, file, text] of cases) {
    const manifest = { name: `old-${language}`, language, plugs: [{ path: `/${language}` }] };
    const project = await writeProject(folder, manifest, {
      [file]: text.replace("NAME", "handle"),
    });
    const status = await builderFor(project).check(project);
    if (!status.ok) {
      t.diagnostic(`${language} is left out: ${status.missing}`);
      continue;
    }
    assert.ok((await deployProject(client, project)).ok);
    await writeFiles(project.folder, { [file]: text.replace("NAME", "hadnle") });
    const outcome = await deployProject(client, project);
    assert.ok(!outcome.ok, language);
    const [problem] = outcome.build.diagnostics;
    assert.equal(problem?.file, join(project.folder, file));
    assert.match(
      problem?.message ?? "",
      /nothing to enter: .*hadnle; should "hadnle" be "handle"\?/,
    );
    assert.equal((await client.fetchFunction({ path: `/${language}` })).status, 201);
  }
});

test("modules: a default export without fetch, another name, no default export", async (t) => {
  const wrong = {
    method:
      "export default {\n  async fecth(request) {\n    const { kv } = moc;\n    return Response.json({ a: String(kv), b: await fetch(request) });\n  },\n};\n",
    line: `export default { fecth: () => new Response("x") };\n`,
    alias: "const app = {\n  fecht() {},\n};\nexport default app;\n",
    exported: "export function fetsh() {}\n",
  };
  assert.match(
    (await script(t, wrong.method)) ?? "",
    /there is fecth; should "fecth" be "fetch"\?/,
  );
  assert.match((await script(t, wrong.line)) ?? "", /there is fecth; should "fecth" be "fetch"\?/);
  assert.match((await script(t, wrong.alias)) ?? "", /should "fecht" be "fetch"\?/);
  assert.match((await script(t, wrong.exported)) ?? "", /should "fetsh" be "fetch"\?/);
  const empty = await script(t, "export default {};\n");
  assert.match(
    empty ?? "",
    /enters fetch or websocket, and it has no function to enter; write one/,
  );
  const named = { start: "list", plugs: [{ path: "/a" }, { path: "/b", start: "shwo" }] };
  const named2 = await script(t, "export const list = () => {};\nexport const show = 1;\n", named);
  assert.match(named2 ?? "", /"shwo".*there is list, show; did you mean "show"\?/);
});

test("what may be there is left to the call", async (t) => {
  const fine = [
    `export default { fetch: () => new Response("x") };\n`,
    `export default (request) => new Response(request.url);\n`,
    `export default function () { return new Response("x") }\n`,
    `export const fetch = () => new Response("x");\n`,
    `export function websocket(socket) {}\n`,
    `export { x as default };\nconst x = {};\nx.fetch = () => new Response("x");\n`,
    `const part = { fetch() { return new Response("x") } };\nexport default { ...part };\n`,
    `class App { fetch() { return new Response("x") } }\nexport default new App();\n`,
    `const make = (handler) => ({ ["fet" + "ch"]: handler });\nexport default make(() => {});\n`,
    "function handle() { return 200 }\n",
    "const main = () => 200;\n",
    "globalThis.handle = () => 200;\n",
  ];
  for (const text of fine) assert.equal(await script(t, text), undefined, text);
  const start = { start: "show", filters: [{ start: "guard" }] };
  const both = "export default { show() {}, guard: () => {} };\n";
  assert.equal(await script(t, both, start), undefined);
  // Nobody is said to enter it: others may call its functions by their names.
  assert.equal(await script(t, "export const twice = (n) => 2 * n;\n", {}), undefined);
});

test("a file that was built elsewhere: its exports count, and what is no module is left to the runtime", async (t) => {
  const bytes = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
    // A memory is no function, whatever its name.
    ...[5, 3, 1, 0, 1, 7, 16, 2, 6, ...Buffer.from("handle"), 2, 0, 3, ...Buffer.from("add"), 0, 0],
    ...[10, 4, 1, 2, 0, 0x0b],
  ]);
  assert.ok(WebAssembly.validate(bytes));
  const manifest = { language: "prebuilt", artifact: "it.wasm", plugs: PLUGS } as const;
  const refused = await checked(t, manifest, "it.wasm", bytes);
  assert.ok(!refused.ok);
  assert.match(
    refused.output,
    /moc\.json:1:1: error: nothing to enter: .*main, and there is add; /,
  );
  assert.equal((await checked(t, manifest, "it.wasm", bytes.subarray(0, 30))).ok, true);
  const start = { ...manifest, start: "add" };
  assert.equal((await checked(t, start, "it.wasm", bytes)).ok, true);
  const text = { ...manifest, artifact: "it.js" };
  assert.equal((await checked(t, text, "it.js", "var a={};export{a as b};")).ok, false);
  assert.equal((await checked(t, text, "it.js", "var a={};export{a as default};")).ok, true);
});
