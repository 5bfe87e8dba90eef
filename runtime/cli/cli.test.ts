/** The command line as a process, against a real runtime that it started itself. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ensureRuntime } from "../../devkit/runtime-process.ts";
import { temporaryFolder } from "../../devkit/testing.ts";
import { VERB_GROUPS, VERBS } from "./list.ts";

const CLI = fileURLToPath(new URL("./main.ts", import.meta.url));

/** `(module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))` */
const ADD = Buffer.from(
  "0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b",
  "hex",
);

interface Exit {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

function runIn(
  cwd: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  input = "",
): Promise<Exit> {
  const child = spawn(process.execPath, [CLI, ...args], { cwd, env: { ...process.env, ...env } });
  const chunks = { out: "", error: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    chunks.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    chunks.error += text;
  });
  child.stdin.end(input);
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...chunks })));
}

type Moc = (...args: readonly string[]) => Promise<Exit>;
let started: Promise<{ readonly folder: string; readonly env: NodeJS.ProcessEnv }> | undefined;

before((t) => {
  started = (async () => {
    const folder = await temporaryFolder(t as TestContext);
    const dataFolder = join(folder, "data");
    const command = [process.execPath, CLI];
    const runtime = await ensureRuntime({ dataFolder, command, arguments: ["--port", "0"] });
    (t as TestContext).after(() => runtime.stop());
    return { folder, env: { MOC_DATA: dataFolder } };
  })();
});

async function place(): Promise<{ readonly folder: string; readonly moc: Moc }> {
  assert.ok(started);
  const { folder, env } = await started;
  return { folder, moc: (...args) => runIn(folder, env, args) };
}

async function ok(exit: Promise<Exit>): Promise<string> {
  const { code, out, error } = await exit;
  assert.equal(code, 0, `${error}${out}`);
  return out;
}

test("every verb is in the help, has a help of its own, and is in one group", async () => {
  assert.deepEqual(Object.values(VERB_GROUPS).flat().sort(), Object.keys(VERBS).sort());
  for (const [name, load] of Object.entries(VERBS)) {
    const verb = await load();
    assert.equal(verb.name, name);
    assert.ok(verb.summary.length > 10, name);
  }
});

test("wrong use is exit code 2 and one line that helps", async () => {
  const { moc } = await place();
  const told = async (...args: readonly string[]) => {
    const { code, out, error } = await moc(...args);
    assert.equal(code, 2, args.join(" "));
    assert.equal(out, "");
    return error;
  };
  assert.match(await told("pusch"), /did you mean "push"\?/);
  assert.match(await told("push", "", "f.js"), /NAME is empty/);
  assert.match(await told("push", "a"), /usage: moc push NAME FILE/);
  assert.match(await told("push", "a", "b", "c", "d"), /"d" is one operand too many/);
  assert.match(await told("call", "f", "-mod", "posix"), /did you mean --mode\?/);
  assert.match(await told("call", "f", "abc"), /"abc" is no integer/);
  assert.match(await told("--port", "1"), /options follow the verb/);
  assert.match(await told("guest-api", "core"), /in which language\? core is there in .*rust/);
  assert.match(await told("serve", "--port", "x"), /port from 0 to 65535/);
});

test("help in all its spellings, without colours in a pipe", async () => {
  const { moc } = await place();
  const all = await ok(moc("help"));
  assert.match(all, /Usage: moc VERB/);
  assert.ok(!all.includes("\x1b"));
  const one = await ok(moc("call", "--help"));
  assert.equal(await ok(moc("help", "call")), one);
  assert.match(one, /--start-function NAME/);
  assert.match((await moc("help", "nothing")).error, /no verb "nothing"/);
});

test("the original's verbs: push, call, plug, upload, filters, export", async () => {
  const { moc, folder } = await place();
  await writeFile(join(folder, "add.wasm"), ADD);
  await ok(moc("push", "add", "add.wasm"));
  const script = `function hello() { var api = requireApi("core"); api.writeExchangeBuffer(api.getOutputBufferId(), "hi"); return 200 }`;
  await writeFile(join(folder, "f.js"), script);
  const pushed = await ok(moc("push", "f", "f.js"));
  assert.match(
    pushed,
    /^\[https:.*\] registered blob 'f' content_type:text\/javascript size:\d+ techID:[\da-f]{64}\n$/,
  );
  const called = JSON.parse(await ok(moc("call", "add", "-start_function", "add", "4", "-1")));
  assert.deepEqual([called.status, called.result], [true, 3]);
  const said = JSON.parse(await ok(moc("call", "f", "--start-function=hello")));
  assert.equal(Buffer.from(said.output, "base64").toString(), "hi");
  assert.equal(await ok(moc("call", "f", "--start-function=hello", "--raw")), "hi");
  await ok(moc("plug", "-method", "post", "/f/!x", "f", "hello"));
  const { out: plugs } = await moc("functions", "--json");
  assert.match(plugs, /"path":"\/f\/!x"/);
  await ok(moc("unplug", "-method", "post", "/f/!x"));
  const again = await moc("unplug", "-method", "post", "/f/!x");
  assert.deepEqual([again.code, again.error], [1, "nothing was plugged on post /f/!x\n"]);
  await mkdir(join(folder, "site", "deep"), { recursive: true });
  await writeFile(join(folder, "site", "deep", "a b.css"), "p{}");
  assert.match(await ok(moc("upload-dir", "/site", "site")), /uploaded 1 files \(0 errors\)/);
  assert.match(await ok(moc("upload", "/one.css", "site/deep/a b.css")), /content_type:text\/css/);
  const id = (await ok(moc("plug-filter", "f", "hello"))).trim();
  assert.equal(await ok(moc("unplug-filter", id)), "ok, deleted\n");
  const gone = await moc("unplug-filter", id);
  assert.deepEqual([gone.code, gone.error], [1, `there is no filter ${id}\n`]);
  assert.match(await ok(moc("functions")), /core-api .*get .* and \d+ more\n/);
  assert.equal(typeof JSON.parse(await ok(moc("export-database"))), "object");
  assert.match(await ok(moc("guest-api", "core", "c")), /get_input_buffer_id/);
  const nope = /"nope": there are core, environment, gpu, jwt, platform\. \[MOC_NOT_FOUND\]\n$/;
  assert.match((await moc("guest-api", "nope")).error, nope);
  assert.match((await moc("guest-api", "cor")).error, /, platform\. Did you mean "core"\?/);
  assert.match(await ok(moc("remote")), /^https:\/\/localhost:\d+\/my-own-cluster\n$/);
  assert.match(await ok(moc("version")), /^my-own-cluster\nVersion: \d/);
  const failed = await moc("call", "nothing");
  assert.deepEqual([failed.code, failed.out], [1, ""]);
  assert.match(failed.error, /^error: .*nothing.*\[MOC_NOT_FOUND\]\n$/);
});

test("new, deploy, invoke, test, rollback, undeploy", async () => {
  const { moc, folder } = await place();
  await ok(moc("new", "javascript", "hello"));
  assert.equal((await moc("new", "javascript", "hello")).code, 1);
  assert.match((await moc("new", "javascript", "../x")).error, /MOC_NAME_INVALID/);
  assert.match((await moc("new", "javscript", "x")).error, /did you mean "javascript"/);
  assert.match(await ok(moc("deploy", "hello")), /plugged GET \/hello/);
  assert.match(await ok(moc("invoke", "--folder", "hello", "--body")), /"message":"Hello/);
  assert.match(await ok(moc("invoke", "hello", "--body")), /"message":"Hello/);
  assert.match(
    (await moc("invoke", "helo")).error,
    /No function in .* is named "helo": .*"hello"\?/,
  );
  assert.match(
    (await moc("invoke")).error,
    /Name one of the functions in .*: there are .*hello.*\./,
  );
  const tested = JSON.parse(await ok(moc("test", "hello", "--json", "--junit", "report.xml")));
  assert.equal(tested.failed, 0);
  assert.match(await readFile(join(folder, "report.xml"), "utf8"), /failures="0"/);
  const sample = { path: "/hello", expect: { status: 404, json: { message: "no" } } };
  await writeFile(join(folder, "hello", "samples", "wrong.json"), JSON.stringify(sample));
  const failed = await moc("test", "hello");
  assert.equal(failed.code, 1);
  assert.match(failed.out, /FAILED {2}hello: wrong[\s\S]*status is 200, expected 404/);
  await writeFile(join(folder, "hello", "index.js"), "oops(");
  const broken = await moc("deploy", "hello");
  assert.equal(broken.code, 1);
  assert.match(broken.error, /index\.js:1:6: error: .*\n.*hello was not deployed: 1 error/);
  await writeFile(join(folder, "hello", "index.js"), "export default { fecth() {} };\n");
  const misspelt = await moc("deploy", "hello");
  assert.equal(misspelt.code, 1);
  assert.match(
    misspelt.error,
    /index\.js:1:1: error: .*should "fecth" be "fetch"\? \[MOC_GUEST_NO_/,
  );
  assert.match(await ok(moc("undeploy", "hello")), /removed hello/);
  assert.equal((await moc("undeploy", "hello")).code, 1);
  const undeployed = await moc("test", "hello");
  assert.equal(undeployed.code, 1);
  assert.match(undeployed.error, /^hello is not deployed on https:.*: "moc deploy .*hello"\.\n$/);
  assert.match((await moc("test", join("hello", "samples"))).error, /There is no moc\.json in /);
});

test("a deploy tells of a version that cannot be loaded, at its line in the source", async () => {
  const { moc, folder } = await place();
  const source = join(folder, "later", "index.js");
  await ok(moc("new", "javascript", "later"));
  await ok(moc("deploy", "later"));
  await ok(moc("invoke", "--folder", "later"));
  const good = await readFile(source, "utf8");
  await writeFile(source, `const one = 1;\nif (one) throw new Error("not yet");\n${good}`);
  // On a machine that is busy, a load that took long is told by the next deploy.
  let told = await moc("deploy", "later");
  for (let tries = 0; tries < 20 && told.error === ""; tries++) told = await moc("deploy", "later");
  assert.equal(told.code, 0);
  assert.match(told.error, /later\/index\.js:2:\d+: error: Error: not yet \[MOC_GUEST_INVALID\]\n/);
  assert.match(told.error, /warning: later is deployed, but cannot be loaded/);
  await writeFile(source, good);
  assert.equal((await moc("deploy", "later")).error, "");
});

test("mistakes of a moc.json are told all at once, one a line", async () => {
  const { moc, folder } = await place();
  await mkdir(join(folder, "wrong"));
  const text = `{\n"name": "wrong",\n"language": "rusty",\n"plugs": [{"path": 1}],\n"color": 1\n}`;
  await writeFile(join(folder, "wrong", "moc.json"), text);
  const { code, error } = await moc("deploy", "wrong");
  assert.equal(code, 1);
  const places = [...error.matchAll(/wrong\/moc\.json:(\d+):\d+: \S+/g)].map(([, line]) => line);
  assert.deepEqual(places.sort(), ["3", "4", "5"]);
});

test("kv: set, get, list, export, import, delete", async () => {
  const { moc, folder } = await place();
  assert.ok(started);
  const { env } = await started;
  await ok(moc("kv", "set", "k/ä b", "välue"));
  assert.equal((await runIn(folder, env, ["kv", "set", "k/bin"], "\x00\x01")).code, 0);
  assert.equal(await ok(moc("kv", "get", "k/ä b")), "välue");
  assert.match(await ok(moc("kv", "list", "k/")), /k\/bin +2 B/);
  const exported = await ok(moc("kv", "export", "k/"));
  await ok(moc("kv", "delete", "k/ä b", "k/bin"));
  assert.equal((await moc("kv", "get", "k/bin")).code, 1);
  await writeFile(join(folder, "kv.jsonl"), exported);
  assert.equal(await ok(moc("kv", "import", "kv.jsonl")), "imported 2 entries\n");
  assert.equal(await ok(moc("kv", "export", "k/")), exported);
  await writeFile(join(folder, "bad.jsonl"), `${exported}{"key":1`);
  assert.match((await moc("kv", "import", "bad.jsonl")).error, /Line 3 is no exported entry/);
});

test("backup and restore, with a question that a script must answer", async () => {
  const { moc, folder } = await place();
  await ok(moc("kv", "set", "saved", "1"));
  await ok(moc("backup", "all.tar.gz"));
  const nowhere = await moc("backup", "none/all.tar.gz");
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.error, /^error: none\/all\.tar\.gz cannot be written: ENOENT.*\n$/);
  await ok(moc("kv", "set", "saved", "2"));
  const asked = await moc("restore", "all.tar.gz");
  assert.equal(asked.code, 2);
  assert.match(asked.error, /give --yes/);
  await ok(moc("restore", "all.tar.gz", "--yes"));
  assert.equal(await ok(moc("kv", "get", "saved")), "1");
  await writeFile(join(folder, "bad.tar.gz"), "not an archive");
  assert.match((await moc("restore", "bad.tar.gz", "--yes")).error, /MOC_ARCHIVE/);
});

test("a name that is not there is said, where it is no mistake yet", async () => {
  const { moc } = await place();
  const plugged = await moc("plug", "/later", "nobody-yet");
  assert.deepEqual([plugged.code, plugged.out], [0, "plugged get /later to 'nobody-yet'\n"]);
  assert.match(plugged.error, /nothing is registered under 'nobody-yet' so far/);
  const techID = await moc("plug", "/blob", `techID://${"0".repeat(64)}`);
  assert.match(techID.error, /nothing is registered under 'techID:/);
  assert.equal((await moc("plug", "/api", "core-api")).error, "");
  const logs = await moc("logs", "nobody");
  assert.deepEqual([logs.code, logs.out], [0, ""]);
  assert.match(logs.error, /there is no function 'nobody'/);
});

test("gc says what nothing refers to, and asks before it removes that", async () => {
  const { moc, folder } = await place();
  assert.equal(await ok(moc("gc")), "nothing to remove\n", "what was just pushed may yet be used");
  await writeFile(join(folder, "page.txt"), "page");
  await ok(moc("upload", "/page", "page.txt"));
  await ok(moc("unplug", "/page"));
  assert.equal(await ok(moc("gc", "--dry-run")), "nothing to remove\n");
  const json = JSON.parse(await ok(moc("gc", "--yes", "--json")));
  assert.deepEqual(json, { blobs: 0, bytes: 0, removed: false });
});

test("no runtime: one sentence that says how to start one", async () => {
  const { moc, folder } = await place();
  const { code, error } = await moc("status", "--data", join(folder, "nowhere"));
  assert.equal(code, 1);
  assert.match(
    error,
    /^error: No runtime is running on .*moc serve --data .* \[MOC_UNREACHABLE\]\n$/,
  );
  const { error: refused } = await moc("status", "--baseUrl", "https://localhost:1");
  assert.match(refused, /No runtime answers at localhost:1/);
  const there = JSON.parse(await ok(moc("status", "--json"))) as { readonly url: string };
  const plain = there.url.replace("https:", "http:");
  const { error: http } = await moc("status", "--base-url", plain);
  assert.match(http, /Port \d+ speaks https: write https:\/\/ in the address/);
});
