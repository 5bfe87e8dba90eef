/**
 * Hostile and unlucky things at random, reproducible by a seed: kills of a real process, modules,
 * scripts and requests that are nearly right, and guest API calls with any numbers.
 * MOC_SEED chooses other moments and bytes; MOC_CHAOS=20 does twenty times as much.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Dice, SEED, TIMES } from "./dice.fixture.ts";
import { compileModule } from "./engines/wasm/compile-module.ts";
import { wasmType } from "./engines/wasm/marshal.ts";
import { rewriteModule } from "./engines/wasm/rewrite.ts";
import { MODULES } from "./guest-api/modules.ts";
import { MocError } from "./protocol/errors.ts";
import type { InstanceFile } from "./protocol/model.ts";
import { parseWat, startWithHello, type TestAnswer, type TestRuntime } from "./runtime.fixture.ts";

let host: TestRuntime;
before(async () => {
  host = await startWithHello();
});
after(() => host[Symbol.asyncDispose]());

async function assertWell(): Promise<void> {
  assert.equal((await host.get("/hello")).text, "hello");
  for (let tries = 0; host.runtime.calls.running > 0; tries++) {
    assert.ok(tries < 3000, "calls are left that do not end");
    await sleep(10);
  }
}

const MAIN = fileURLToPath(new URL("cli/main.ts", import.meta.url));

/** A runtime in a process of its own, that can be killed. */
class Served {
  readonly child: ChildProcess;
  readonly #instance: InstanceFile;

  private constructor(child: ChildProcess, instance: InstanceFile) {
    this.child = child;
    this.#instance = instance;
  }

  static async start(folder: string): Promise<Served> {
    const args = [MAIN, "serve", "--data", folder, "--port", "0", "--http-port", "0"];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const [message] = (await once(child, "message")) as [{ kind: string; instance: InstanceFile }];
    assert.equal(message.kind, "ready", JSON.stringify(message));
    return new Served(child, message.instance);
  }

  fetch(path: string, options: { method?: string; body?: string; type?: string } = {}) {
    const { method = "GET", body, type = "application/json" } = options;
    return fetch(`http://127.0.0.1:${this.#instance.httpPort}${path}`, {
      method,
      ...(body !== undefined && { body }),
      headers: { authorization: `Bearer ${this.#instance.token}`, "content-type": type },
    });
  }

  async rest<T>(method: string, path: string, body?: string, type?: string): Promise<T> {
    const answer = await this.fetch(`/my-own-cluster/api${path}`, {
      method,
      ...(body !== undefined && { body }),
      ...(type !== undefined && { type }),
    });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return JSON.parse(text) as T;
  }

  async kill(): Promise<void> {
    const ended = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await ended;
  }
}

interface Acknowledged {
  readonly keys: Map<string, number>;
  version: number;
}

const programOf = (version: number) =>
  `export default { fetch: () => new Response("${version}") }; // ${"x".repeat(50_000)}`;

async function write(served: Served, writer: string, acknowledged: Acknowledged): Promise<void> {
  for (let value = (acknowledged.keys.get(writer) ?? 0) + 1; ; value++) {
    await served.rest("PUT", `/kv/${writer}`, String(value), "text/plain");
    acknowledged.keys.set(writer, value);
  }
}

async function deployOn(served: Served, acknowledged: Acknowledged): Promise<void> {
  for (let version = acknowledged.version + 1; ; version++) {
    const program = programOf(version);
    const { tech_id } = await served.rest<{ tech_id: string }>(
      "PUT",
      "/blobs",
      program,
      "text/javascript",
    );
    const plugs = [{ path: "/moving" }, { path: `/only/${version % 2}` }];
    await served.rest("POST", "/deploy", JSON.stringify({ name: "moving", tech_id, plugs }));
    acknowledged.version = version;
  }
}

async function checkSurvived(served: Served, acknowledged: Acknowledged): Promise<void> {
  for (const [key, value] of acknowledged.keys) {
    const stored = Number(await (await served.fetch(`/my-own-cluster/api/kv/${key}`)).text());
    // One more may have been on its way when it was killed.
    assert.ok(stored === value || stored === value + 1, `${key}: ${stored}, acknowledged ${value}`);
    acknowledged.keys.set(key, stored);
  }
  const { names } = await served.rest<{ names: { name: string; techID: string }[] }>(
    "GET",
    "/names",
  );
  for (const { name, techID } of names) {
    const blob = await served.fetch(`/my-own-cluster/api/blobs/${techID}`);
    const bytes = Buffer.from(await blob.arrayBuffer());
    assert.equal(createHash("sha256").update(bytes).digest("hex"), techID, `the blob of ${name}`);
  }
  if (acknowledged.version === 0) return;
  const answered = Number(await (await served.fetch("/moving")).text());
  const { version } = acknowledged;
  assert.ok(answered === version || answered === version + 1, `${answered}, deployed ${version}`);
  // Plugs, name and settings of a deploy are there together.
  assert.equal(await (await served.fetch(`/only/${answered % 2}`)).text(), String(answered));
  assert.equal((await served.fetch(`/only/${(answered + 1) % 2}`)).status, 404);
  acknowledged.version = answered;
}

test("kill -9 of a serving process loses nothing that it acknowledged", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "moc-chaos-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const dice = new Dice(SEED);
  const acknowledged: Acknowledged = { keys: new Map(), version: 0 };
  for (let round = 0; round < 2 * TIMES; round++) {
    const served = await Served.start(folder);
    try {
      await checkSurvived(served, acknowledged);
      const work = [
        ...["a", "b", "c"].map((writer) => write(served, writer, acknowledged)),
        deployOn(served, acknowledged),
      ];
      const enough = acknowledged.version + 1 + dice.below(3);
      const stopped = Promise.allSettled(work);
      const reached = async () => {
        while (acknowledged.version < enough) await sleep(1 + dice.below(20));
      };
      // Writing ends by failing only.
      await Promise.race([reached(), ...work]);
      await served.kill();
      // What was under way fails with its connection.
      await stopped;
    } finally {
      served.child.kill("SIGKILL");
    }
  }
  const served = await Served.start(folder);
  try {
    await checkSurvived(served, acknowledged);
  } finally {
    await served.kill();
  }
});

const VALID = `(module
  (type $binary (func (param i32 i32) (result i32)))
  (import "core" "get_input_buffer_id" (func $input (result i32)))
  (memory (export "memory") 1 4)
  (table 4 funcref) (elem (i32.const 0) $add $twice)
  (global $count (mut i32) (i32.const 1)) (global $wide (mut i64) (i64.const -1))
  (data (i32.const 8) "text") (start $begin)
  (func $begin (global.set $count (i32.const 2)))
  (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func $twice (param i32 i32) (result i32) (call_indirect (type $binary) (local.get 0) (local.get 1) (i32.const 0)))
  (func (export "run") (result i32) (local $i i32)
    (block $out (loop $again
      (br_if $out (i32.gt_u (local.get $i) (i32.const 10)))
      (local.set $i (call $add (local.get $i) (global.get $count)))
      (drop (memory.grow (i32.const 1))) (br $again)))
    (drop (call $input))
    (i32.add (i32.const 200) (call $twice (i32.const 0) (i32.load (i32.const 1024))))))`;

function mutate(bytes: Uint8Array, dice: Dice): Buffer {
  let changed = Buffer.from(bytes);
  for (let times = 1 + dice.below(3); times > 0; times--) {
    const at = dice.below(changed.length || 1);
    const [head, tail] = [changed.subarray(0, at), changed.subarray(at)];
    changed = dice.of([
      () => Buffer.concat([head, dice.bytes(1), tail.subarray(1)]),
      () =>
        Buffer.concat([head, Buffer.from([dice.of([0, 1, 0x7f, 0x80, 0xff])]), tail.subarray(1)]),
      () => Buffer.concat([head, tail.subarray(1 + dice.below(8))]),
      () => Buffer.concat([head, dice.bytes(1 + dice.below(8)), tail]),
      () => Buffer.concat([head, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]), tail]),
      () => Buffer.concat([head, changed.subarray(dice.below(at + 1), at), tail]),
      () => Buffer.from(head),
    ])();
  }
  return changed;
}

test("malformed wasm is refused as such, whatever is wrong with it", async () => {
  const dice = new Dice(SEED);
  const valid = await parseWat(VALID);
  let refused = 0;
  for (let round = 0; round < 2000 * TIMES; round++) {
    const bytes = mutate(valid, dice);
    try {
      await compileModule("fuzz", rewriteModule(bytes, 64));
    } catch (error) {
      const text = `${error instanceof Error ? error.stack : error}\n${bytes.toString("base64")}`;
      assert.ok(error instanceof MocError && error.code !== "MOC_INTERNAL", text);
      refused++;
    }
  }
  assert.ok(refused > 200 * TIMES, `${refused} refused`);
});

test("malformed wasm that runs ends, and others go on", async () => {
  const dice = new Dice(SEED + 1);
  const valid = await parseWat(VALID.replace("(start $begin)", ""));
  const limits = { cpuMs: 200, timeoutMs: 5000, memoryMiB: 16 };
  for (let round = 0; round < 2 * TIMES; round++) {
    const names = Array.from({ length: 6 }, (_, index) => `wasm-${index}`);
    for (const name of names) {
      const changed = mutate(valid, dice);
      const wasm = hasStart(changed) ? valid : changed;
      await host.deploy({ name, wasm, settings: { start: "run", limits } });
    }
    const answers = await Promise.all(names.map((name) => host.get(`/${name}`)));
    for (const { status, json, text } of answers) {
      assert.ok(status < 400 || json.code?.startsWith("MOC_"), `${status} ${text}`);
      assert.notEqual(json.code, "MOC_INTERNAL", text);
    }
  }
  await assertWell();
});

/** Start-up code gets five seconds of computing: too long for what is done so often. */
function hasStart(bytes: Uint8Array): boolean {
  try {
    return rewriteModule(bytes, 64).state.start !== undefined;
  } catch (error) {
    // It is not even a module.
    return !(error instanceof MocError);
  }
}

const SCRIPT = `const table = { one: 1, "two": [2, /three/g, \`four \${5}\`] };
class Kind { #hidden = 1; static { this.made = true; } get hidden() { return this.#hidden; } }
async function* numbers() { for (let i = 0; i < 3; i++) yield await i; }
export default { async fetch(request, env) {
  const found = []; for await (const one of numbers()) found.push(one);
  try { throw new Error(new Kind().hidden); } catch ({ message }) { found.push(message); }
  return Response.json({ found, table }, { headers: { "x-a": "1" } });
} };`;

test("malformed scripts are refused or run, and others go on", async () => {
  const dice = new Dice(SEED + 2);
  const limits = { cpuMs: 200, timeoutMs: 5000, memoryMiB: 32 };
  for (let round = 0; round < 2 * TIMES; round++) {
    const names = Array.from({ length: 6 }, (_, index) => `script-${index}`);
    for (const name of names) {
      const js = mutate(Buffer.from(SCRIPT), dice).toString("latin1");
      await host.deploy({ name, js, settings: { limits } });
    }
    const answers = await Promise.all(names.map((name) => host.get(`/${name}`)));
    for (const { status, json, text } of answers) {
      assert.ok(status < 400 || json.code?.startsWith("MOC_"), `${status} ${text}`);
      assert.notEqual(json.code, "MOC_INTERNAL", text);
    }
  }
  await assertWell();
});

const REQUEST = `POST /hello?a=b HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nX-Long: ${"y".repeat(200)}\r\nCookie: a=b; c=d\r\n\r\n5\r\nhello\r\n0\r\n\r\nGET /hello HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`;

/** Sends bytes and no more; resolves when the connection is gone. */
function sendRaw(bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(host.runtime.instance.httpPort ?? 0, "127.0.0.1", () =>
      socket.end(bytes),
    );
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
    socket.resume();
  });
}

test("malformed requests end their connections, and others go on", async () => {
  const dice = new Dice(SEED + 3);
  for (let round = 0; round < 20 * TIMES; round++) {
    await Promise.all(
      Array.from({ length: 15 }, () => sendRaw(mutate(Buffer.from(REQUEST), dice))),
    );
  }
  await assertWell();
});

const NUMBERS = [
  0, 1, 2, 3, 4, 7, 8, 16, 64, 100, 0xff, 256, 1000, 0xffff, 0x1_0000, 65_530, 65_536, 0x7fff_ffff,
  -1, -2, -8, -65_536, -0x8000_0000,
];
const TEXTS = [
  "hello",
  "fuzz-0",
  "GET",
  "/x/!y",
  "http://127.0.0.1:1/",
  "{}",
  "[]",
  "aGVsbG8=",
  "x",
];

/** A module that calls every function of the guest API with numbers that mean anything or nothing. */
function hostileModule(dice: Dice, calls: number): string {
  const functions = MODULES.flatMap((module) =>
    Object.entries(module.functions).map(([name, declared]) => ({
      module: module.name,
      name,
      params: wasmType(declared).params.length,
    })),
  );
  const imports = functions.map(
    ({ module, name, params }) =>
      `(import "${module}" "${name}" (func $${module}_${name} (param ${"i32 ".repeat(params)}) (result i32)))`,
  );
  const argument = () => {
    // Where a text lies, and its length; or anything.
    if (dice.below(3) > 0) return dice.below(TEXTS.length) * 64;
    return dice.of(NUMBERS);
  };
  const body = [];
  for (let i = 0; i < calls; i++) {
    const one = i < functions.length ? functions[i] : dice.of(functions);
    if (!one) continue;
    const args = Array.from({ length: one.params }, () =>
      one.name === "sleep" ? dice.of([-1, 0, 1, -0x8000_0000]) : argument(),
    );
    const consts = args.map((value) => `(i32.const ${value})`).join(" ");
    body.push(`(drop (call $${one.module}_${one.name} ${consts}))`);
  }
  const data = TEXTS.map(
    (text, index) => `(data (i32.const ${index * 64}) ${JSON.stringify(text)})`,
  );
  return `(module ${imports.join("\n")}
    (memory (export "memory") 1 2) ${data.map((one) => one.replaceAll('\\"', "\\22")).join("\n")}
    (func (export "run") (result i32) ${body.join("\n")} (i32.const 200)))`;
}

test("guest API calls with any arguments end, and others go on", async () => {
  const dice = new Dice(SEED + 4);
  const limits = { cpuMs: 2000, timeoutMs: 3000, callDepth: 3, subCalls: 5, memoryMiB: 16 };
  for (let round = 0; round < TIMES; round++) {
    const names = Array.from({ length: 6 }, (_, index) => `fuzz-${index}`);
    for (const [index, name] of names.entries()) {
      await host.deploy({
        name,
        wat: hostileModule(dice, 150),
        settings: {
          start: "run",
          limits,
          ...(index % 3 === 0 && { capabilities: ["platform"] }),
        },
      });
    }
    assertNoDefects(await Promise.all(names.map((name) => host.get(`/${name}`))));
    await removeFilters();
  }
  await assertWell();
});

/** Whatever guests did, they were served or their failure has a code, and it was no fault of ours. */
function assertNoDefects(answers: readonly TestAnswer[]): void {
  for (const { status, json, text } of answers) {
    assert.ok(status < 400 || json.code?.startsWith("MOC_"), `${status} ${text.slice(0, 500)}`);
    assert.notEqual(json.code, "MOC_INTERNAL", text);
  }
  const defects = host.runtime.logs
    .list({ limit: 100_000 })
    .filter((line) => line.text.includes("MOC_INTERNAL"));
  assert.deepEqual(defects, []);
}

/** A guest with the platform capability may plug filters, and what it plugs need not exist. */
async function removeFilters(): Promise<void> {
  const { filters } = host.runtime.state;
  for (const { id } of filters.list()) await filters.unplug(id);
}

const HOSTILE_SCRIPT = `var moc = requireApi("core");
  var seed = SEED_HERE;
  function below(end) { seed = (seed * 48271) % 2147483647; return seed % end; }
  var values = [0, 1, -1, 1e21, NaN, Infinity, "", "hello", "x".repeat(100000), [], [1, "2"], {}, { a: [] }, null, undefined, true,
    new Uint8Array(10), new ArrayBuffer(3), function () {}, Symbol("s"), 10n, { get a() { throw 1; } }, { toString: null, valueOf: null }, new Proxy({}, { get: function () { throw 2; } })];
  function run() {
    Object.keys(moc).forEach(function (name) {
      if (name === "sleep") return;
      for (var i = 0; i < 6; i++) {
        var args = []; for (var n = below(9); n > 0; n--) args.push(values[below(values.length)]);
        try { moc[name].apply(moc, args); } catch (error) { String(error); }
      }
    });
    return 200;
  }`;

test("guest API calls with any values from JavaScript end, and others go on", async () => {
  const limits = { cpuMs: 5000, timeoutMs: 10_000, callDepth: 3, subCalls: 5 };
  const names = Array.from({ length: 3 * TIMES }, (_, index) => `values-${index}`);
  for (const [index, name] of names.entries()) {
    const js = HOSTILE_SCRIPT.replace("SEED_HERE", String(SEED * 1000 + index + 1));
    await host.deploy({ name, js, settings: { start: "run", limits } });
  }
  for (const name of names) assertNoDefects([await host.get(`/${name}`)]);
  await assertWell();
});
