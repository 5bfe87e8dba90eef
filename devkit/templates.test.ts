import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { MocError } from "../runtime/protocol/errors.ts";
import { languagesOf, readBinding, refreshBindings } from "./bindings.ts";
import { refreshSchema } from "./local-schema.ts";
import { readProject } from "./manifest.ts";
import { createFunction, findTemplate, listTemplates, type Template } from "./templates.ts";
import { temporaryFolder, writeFiles } from "./testing.ts";

const TEMPLATE = {
  title: "Try",
  description: "for tests",
  language: "c",
  variables: [{ name: "greeting", title: "Greeting", default: "hi", pattern: "[^<]*" }],
  bindings: [{ module: "core", language: "c", path: "inc/core-api-guest.h" }],
  open: "main.c",
};

async function tryTemplate(folder: string): Promise<Template> {
  await writeFiles(join(folder, "templates/try"), {
    "template.json": JSON.stringify(TEMPLATE),
    "content/main.c": "// {{name}}: {{greeting}} {{unknown}}",
    "content/{{name}}.txt": "{{greeting}}",
    "content/data.bin": new Uint8Array([0, 0x7b, 0x7b]),
  });
  const [template] = await listTemplates(join(folder, "templates"));
  assert.ok(template);
  return template;
}

test("the templates of the package are valid and have a file to open", async () => {
  const templates = await listTemplates();
  assert.ok(templates.length > 5);
  for (const { variables, open } of templates) {
    assert.ok(open.length > 0);
    for (const variable of variables) assert.ok(variable.title.length > 0);
  }
});

test("a template is found by its name, or by a language", async () => {
  const templates = await listTemplates();
  assert.equal(findTemplate(templates, "c-wasi").id, "c-wasi");
  assert.equal(findTemplate(templates, "go").id, "go-reactor");
  assert.equal(findTemplate(templates, "javascript").id, "javascript");
  assert.throws(() => findTemplate(templates, "javscript"), /did you mean "javascript"\?/);
  assert.throws(() => findTemplate(templates, "ts"), /there are assemblyscript, c, .*, wgsl\./);
});

test("createFunction fills names and values, and puts the bindings in", async (t) => {
  const folder = await temporaryFolder(t);
  const template = await tryTemplate(folder);
  const created = await createFunction({ template, name: "2.try", folder: join(folder, "new") });
  const read = (name: string) => readFile(join(created.folder, name), "utf8");
  assert.equal(await read("main.c"), "// 2.try: hi {{unknown}}");
  assert.equal(await read("2.try.txt"), "hi");
  assert.deepEqual([...(await readFile(join(created.folder, "data.bin")))], [0, 0x7b, 0x7b]);
  assert.equal(await read("inc/core-api-guest.h"), await readBinding("core", "c"));
  assert.equal(created.mainFile, join(created.folder, "main.c"));
});

test("what the templates make has its schema beside it, out of git, for every editor", async (t) => {
  const folder = await temporaryFolder(t);
  for (const template of await listTemplates()) {
    const created = await createFunction({
      template,
      name: "a",
      folder: join(folder, template.id),
    });
    const manifest = JSON.parse(await readFile(join(created.folder, "moc.json"), "utf8"));
    const schema = await readFile(join(created.folder, manifest.$schema), "utf8");
    assert.ok(Object.keys(JSON.parse(schema).properties).includes("$schema"), template.id);
    assert.equal(await readFile(join(created.folder, ".moc/.gitignore"), "utf8"), "*\n");
    assert.ok(!created.files.some((file) => file.includes(".moc")));
    // A clone comes without it.
    await rm(join(created.folder, ".moc"), { recursive: true });
    await refreshSchema(await readProject(created.folder));
    assert.equal(await readFile(join(created.folder, manifest.$schema), "utf8"), schema);
  }
});

test("values with shell metacharacters are text like any other", async (t) => {
  const folder = await temporaryFolder(t);
  const template = await tryTemplate(folder);
  const greeting = "$(touch x); `id` & $& $1 {{name}} ../..";
  const target = join(folder, "new");
  await createFunction({ template, name: "a", folder: target, variables: { greeting } });
  assert.equal(await readFile(join(target, "a.txt"), "utf8"), greeting);
  assert.deepEqual(await readdir(folder), ["new", "templates"]);
});

test("what is not acceptable is refused before anything is written", async (t) => {
  const folder = await temporaryFolder(t);
  const template = await tryTemplate(folder);
  const target = join(folder, "new");
  const create = (name: string, variables: Record<string, string> = {}) =>
    createFunction({ template, name, folder: target, variables });
  const code = (expected: string) => (error: MocError) => error.code === expected;
  await assert.rejects(create("../evil"), code("MOC_NAME_INVALID"));
  await assert.rejects(create("a", { greeting: "<b>" }), code("MOC_BAD_REQUEST"));
  await assert.rejects(create("a", { greeting: "two\nlines" }), code("MOC_BAD_REQUEST"));
  await assert.rejects(create("a", { color: "red" }), /no variable "color": it has greeting/);
  assert.deepEqual(await readdir(folder), ["templates"]);
});

test("a folder that is not empty is refused, and nothing is written beside what it has", async (t) => {
  const folder = await temporaryFolder(t);
  const template = await tryTemplate(folder);
  const target = join(folder, "new");
  const create = (to: string) => createFunction({ template, name: "a", folder: to });
  const conflict = (message: RegExp) => (error: MocError) => {
    assert.equal(error.code, "MOC_CONFLICT");
    assert.match(error.message, message);
    return true;
  };
  await writeFiles(target, { "notes.txt": "mine" });
  await assert.rejects(create(target), conflict(/new is not empty \(it has notes\.txt\)/));
  assert.deepEqual(await readdir(target), ["notes.txt"]);
  const file = join(folder, "templates", "try", "template.json");
  await assert.rejects(create(file), conflict(/template\.json is no folder/));
  await assert.rejects(create(join(file, "deeper")), conflict(/nothing was/));
  assert.deepEqual(await readdir(folder), ["new", "templates"]);
});

test("an empty folder, and one that git made, is taken", async (t) => {
  const folder = await temporaryFolder(t);
  const template = await tryTemplate(folder);
  await mkdir(join(folder, "empty"));
  await writeFiles(join(folder, "cloned"), { ".git/HEAD": "ref: refs/heads/main\n" });
  for (const name of ["empty", "cloned"]) {
    const created = await createFunction({ template, name, folder: join(folder, name) });
    assert.match(await readFile(created.mainFile, "utf8"), new RegExp(name));
  }
});

test("a folder that cannot be made is told at once, and nothing is left", {
  skip: existsSync("/proc/self") ? false : "needs /proc, which refuses folders",
}, async (t) => {
  const template = await tryTemplate(await temporaryFolder(t));
  await assert.rejects(
    createFunction({ template, name: "a", folder: "/proc/nope/a" }),
    /\/proc\/nope cannot be written \(ENOENT\); nothing was created/,
  );
});

test("refreshBindings writes anew what a generator wrote, and nothing else", async (t) => {
  const folder = await temporaryFolder(t);
  const [go, rust] = [await readBinding("core", "go"), await readBinding("core", "rust")];
  await writeFiles(folder, {
    "core/core.go": `${go}// old`,
    "core_api_guest.rs": rust,
    "mine.go": "package main // core",
  });
  assert.deepEqual(await refreshBindings(folder), [join(folder, "core/core.go")]);
  assert.equal(await readFile(join(folder, "core/core.go"), "utf8"), go);
});

test("readBinding names what there is", async () => {
  assert.equal(await readBinding("core", "ts"), await readBinding("core", "typescript"));
  assert.equal(await readBinding("my-own-cluster", "c"), await readBinding("core", "c"));
  assert.match(await readBinding("core", "md"), /^# .*core/m);
  await assert.rejects(
    readBinding("cor", "c"),
    /guest API module "cor": there are .* Did you mean "core"/,
  );
  await assert.rejects(readBinding("core", "cobol"), /no language "cobol": there are .*rust/);
  assert.ok((await languagesOf("jwt")).includes("assemblyscript"));
  assert.deepEqual(await languagesOf("environment"), ["typescript"]);
  await assert.rejects(
    languagesOf("nope"),
    /guest API module "nope": there are core, environment, gpu, jwt, platform\.$/,
  );
});
