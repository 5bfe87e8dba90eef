/** Debug sessions of a whole runtime, spoken to as a debugger does: by V8's inspector protocol. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { Client } from "../devkit/client.ts";
import { MocError } from "./protocol/errors.ts";
import type { DebugAnswer } from "./protocol/rest-debug.ts";
import { parseWat, startTestRuntime, type TestRuntime } from "./runtime.fixture.ts";

/** Answers 200 + 7; `memory.grow` makes the engine rewrite it when it is not debugged. */
const GUEST = `(module
  (memory (export "memory") 1)
  (func $twice (param $n i32) (result i32)
    (i32.mul (local.get $n) (i32.const 2)))
  (func $handle (export "handle") (result i32)
    (drop (memory.grow (i32.const 1)))
    (i32.add (call $twice (i32.const 100)) (i32.const 7))))`;

const SPIN = `(module (memory (export "memory") 1)
  (func $spin (export "handle") (result i32) (loop $l (br $l)) (i32.const 200)))`;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params: Record<string, unknown> & {
    readonly scriptId: string;
    readonly url: string;
    readonly scriptLanguage?: string;
    readonly sourceMapURL?: string;
    readonly callFrames: readonly {
      readonly functionName: string;
      readonly location: { readonly columnNumber: number };
    }[];
  };
  readonly result: Record<string, unknown> & {
    readonly chunk: { readonly lines: string[]; readonly bytecodeOffsets: number[] };
  };
}

/** One debugger. */
class Debugger {
  readonly socket: WebSocket;
  readonly events: Message[] = [];
  readonly #answers = new Map<number, (message: Message) => void>();
  #id = 0;

  constructor(url: string) {
    this.socket = new WebSocket(url);
    this.socket.on("message", (data) => {
      const message = JSON.parse(String(data)) as Message;
      if (message.id === undefined) this.events.push(message);
      else this.#answers.get(message.id)?.(message);
    });
  }

  async send(method: string, params: object = {}): Promise<Message["result"]> {
    const id = ++this.#id;
    const answer = new Promise<Message>((resolve) => this.#answers.set(id, resolve));
    this.socket.send(JSON.stringify({ id, method, params }));
    return (await answer).result;
  }

  async event(method: string): Promise<Message["params"]> {
    for (;;) {
      const found = this.events.find((one) => one.method === method);
      if (found) return found.params;
      await once(this.socket, "message");
    }
  }

  /** Enables the debugger, and answers the guest's script. */
  async start(): Promise<Message["params"]> {
    await once(this.socket, "open");
    await this.send("Runtime.enable");
    await this.send("Debugger.enable");
    // Node has modules of its own in every thread; they were there before.
    const script = this.events.findLast(
      ({ method, params }) => method === "Debugger.scriptParsed" && params.url.startsWith("wasm:"),
    );
    if (!script) throw new Error("the guest is not among the scripts");
    return script.params;
  }
}

async function setUp(t: TestContext): Promise<{ moc: TestRuntime; client: Client }> {
  const moc = await startTestRuntime();
  const { url, token, certificate } = moc.runtime.instance;
  const client = new Client({ baseUrl: url, token, certificate });
  t.after(async () => {
    client.close();
    await moc[Symbol.asyncDispose]();
  });
  return { moc, client };
}

function open(client: Client, name: string, sourceMaps = false): Promise<DebugAnswer> {
  return client.call("debugOpen", { body: { name, source_maps: sourceMaps } });
}

/** Sets a breakpoint where a function of the guest begins. */
async function breakIn(one: Debugger, scriptId: string, name: string): Promise<void> {
  const { chunk } = await one.send("Debugger.disassembleWasmModule", { scriptId });
  const line = chunk.lines.findIndex((text) => text.includes(`(func $${name} `));
  const columnNumber = chunk.bytecodeOffsets[line];
  await one.send("Debugger.setBreakpoint", { location: { scriptId, lineNumber: 0, columnNumber } });
}

test("a call stands at a breakpoint beyond its limits while others go on, and ends right", async (t) => {
  const { moc, client } = await setUp(t);
  const limits = { cpuMs: 50, timeoutMs: 100, concurrency: 1 };
  await moc.deploy({ name: "one", wat: GUEST, settings: { limits } });
  await moc.deploy({ name: "other", wat: GUEST });
  assert.equal((await moc.get("/one")).status, 207);
  const session = await open(client, "one");
  const one = new Debugger(session.websocket_url);
  const { scriptId, scriptLanguage } = await one.start();
  assert.equal(scriptLanguage, "WebAssembly");
  await breakIn(one, scriptId, "twice");

  const answer = moc.get("/one");
  const { callFrames } = await one.event("Debugger.paused");
  assert.deepEqual(
    callFrames.slice(0, 2).map(({ functionName }) => functionName),
    ["$twice", "$handle"],
  );
  await sleep(300);
  assert.equal((await moc.get("/other")).status, 207);
  const { executors } = await client.call("status");
  assert.equal(executors.filter((executor) => executor.function === "one").length, 1);
  await one.send("Debugger.resume");
  assert.equal((await answer).status, 207);

  assert.deepEqual(await client.call("debugClose", { body: { id: session.id } }), {
    status: true,
    closed: true,
  });
  assert.equal((await moc.get("/one")).status, 207);
});

test("a debugger that goes away lets its call go on, and limits hold again", async (t) => {
  const { moc, client } = await setUp(t);
  // On a busy machine a guest has its share of a processor late: it has time for it.
  const limits = { cpuMs: 100, timeoutMs: 20_000 };
  await moc.deploy({ name: "spin", wat: SPIN, settings: { limits } });
  const session = await open(client, "spin");
  const one = new Debugger(session.websocket_url);
  await one.start();
  const answer = moc.get("/spin");
  await sleep(200);
  await one.send("Debugger.pause");
  const { callFrames } = await one.event("Debugger.paused");
  assert.equal(callFrames[0]?.functionName, "$spin");
  one.socket.terminate();
  await client.call("debugClose", { body: { id: session.id } });
  assert.equal((await answer).json.code, "MOC_LIMIT_CPU");
  assert.equal((await moc.get("/spin")).json.code, "MOC_LIMIT_CPU");
});

test("positions of a source map are moved along with the code, and the script is shown as mapped", async (t) => {
  const { moc, client } = await setUp(t);
  const bytes = await parseWat(GUEST);
  // Column 16 ("gB") of the compiler's module is line 3 of a.ts.
  const map = { version: 3, sources: ["file:///a.ts"], names: [], mappings: "gBAEA" };
  const url = `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString("base64")}`;
  const payload = Buffer.concat([name("sourceMappingURL"), name(url)]);
  const wasm = Buffer.concat([bytes, Buffer.of(0), leb(payload.length), payload]);
  await moc.deploy({ name: "mapped", wasm });
  const session = await open(client, "mapped", true);
  const one = new Debugger(session.websocket_url);
  const script = await one.start();
  assert.equal(script.scriptLanguage, undefined);
  const moved = JSON.parse(
    Buffer.from(String(script.sourceMapURL).split(",")[1] ?? "", "base64").toString(),
  );
  assert.deepEqual({ ...moved, mappings: "" }, { ...map, mappings: "" });
  const { scriptSource, bytecode } = await one.send("Debugger.getScriptSource", {
    scriptId: script.scriptId,
  });
  assert.equal(scriptSource, "");
  const shift = codeStart(Buffer.from(String(bytecode), "base64")) - codeStart(wasm);
  assert.ok(shift > 0);
  assert.equal(moved.mappings, `${vlq(16 + shift)}AEA`);
  await client.call("debugClose", { body: { id: session.id } });
  assert.equal((await moc.get("/mapped")).status, 207);
});

test("what cannot be debugged is refused, and so is who does not know the path", async (t) => {
  const { moc, client } = await setUp(t);
  await moc.deploy({ name: "script", js: "function handle() { return 204; }" });
  await moc.deploy({ name: "one", wat: GUEST });
  const refused = (code: string) => (error: unknown) =>
    error instanceof MocError && error.code === code;
  await assert.rejects(open(client, "script"), refused("MOC_BAD_REQUEST"));
  await assert.rejects(open(client, "nobody"), refused("MOC_NOT_FOUND"));
  const session = await open(client, "one");
  await assert.rejects(open(client, "one"), refused("MOC_CONFLICT"));
  const { origin } = new URL(session.websocket_url.replace("ws:", "http:"));
  const intruders = [
    new WebSocket(`${origin.replace("http:", "ws:")}/guess`),
    new WebSocket(session.websocket_url, { origin: "https://example.org" }),
    new WebSocket(session.websocket_url, { headers: { host: "example.org" } }),
  ];
  for (const intruder of intruders) {
    const [error] = await once(intruder, "error");
    assert.match(String(error), /403/);
  }
  const one = new Debugger(session.websocket_url);
  await one.start();
  const [error] = await once(new WebSocket(session.websocket_url), "error");
  assert.match(String(error), /403/);
  one.socket.send("process.pid, but no JSON");
  await once(one.socket, "close");
  assert.deepEqual(await client.call("debugClose", { body: { id: "unknown" } }), {
    status: true,
    closed: false,
  });
});

test("a new version ends the debugging of the old one, and stopping ends it all", async (t) => {
  const { moc, client } = await setUp(t);
  await moc.deploy({ name: "one", wat: GUEST });
  const session = await open(client, "one");
  const one = new Debugger(session.websocket_url);
  await one.start();
  const closed = once(one.socket, "close");
  await moc.deploy({ name: "one", wat: GUEST.replace("i32.const 7", "i32.const 8") });
  assert.equal((await moc.get("/one")).status, 208);
  await closed;
  await client.call("debugClose", { body: { id: session.id } });

  const again = new Debugger((await open(client, "one")).websocket_url);
  await breakIn(again, (await again.start()).scriptId, "twice");
  const answer = moc.get("/one");
  await again.event("Debugger.paused");
  const stopped = moc.runtime.stop();
  assert.equal((await answer).status, 208);
  await stopped;
});

test("a deploy leaves a version alone to which a debugger is attached, unless it is forced", async (t) => {
  const { moc, client } = await setUp(t);
  await moc.deploy({ name: "one", wat: GUEST });
  const upload = async (text: string): Promise<string> => {
    const body = await parseWat(text);
    const headers = { "content-type": "application/wasm" };
    return (await client.call("putBlob", { body }, { headers })).tech_id;
  };
  const present = await upload(GUEST);
  const next = await upload(GUEST.replace("i32.const 7", "i32.const 8"));
  const deploy = (tech_id: string, more: { readonly force?: boolean } = {}) =>
    client.call("deploy", {
      body: { name: "one", tech_id, plugs: [{ path: "/one", start_function: "handle" }], ...more },
    });
  const session = await open(client, "one");
  const one = new Debugger(session.websocket_url);
  await one.start();
  await assert.rejects(deploy(next), {
    code: "MOC_CONFLICT",
    message: /is being debugged.*--force/,
  });
  await deploy(present);
  assert.equal((await moc.get("/one")).status, 207);
  await deploy(next, { force: true });
  assert.equal((await moc.get("/one")).status, 208);
  await client.call("debugClose", { body: { id: session.id } });
  await deploy(present);
  assert.equal((await moc.get("/one")).status, 207);
});

function leb(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    bytes.push(rest < 128 ? rest : (rest & 127) | 128);
    if (rest < 128) return Buffer.from(bytes);
  }
}

function name(text: string): Buffer {
  return Buffer.concat([leb(text.length), Buffer.from(text)]);
}

/** Offset of the code section's content. */
function codeStart(bytes: Buffer): number {
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at++];
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      length += (byte & 127) << shift;
      if (byte < 128) break;
    }
    if (id === 10) return at;
    at += length;
  }
  throw new Error("no code");
}

function vlq(value: number): string {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  let text = "";
  for (let rest = value * 2; ; rest >>>= 5) {
    text += digits[rest < 32 ? rest : (rest & 31) | 32];
    if (rest < 32) return text;
  }
}
