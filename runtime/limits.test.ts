/** Each limit of a function: its default, its code, that a function may set it, and the operator's ceiling. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  FUNCTION_LIMITS,
  type FunctionLimits,
  type LimitName,
  resolveLimits,
} from "./protocol/limits.ts";
import type { FunctionSettings } from "./protocol/model.ts";
import {
  startTestRuntime,
  type TestAnswer,
  type TestDeploy,
  type TestRuntime,
} from "./runtime.fixture.ts";

/** A function that a limit of `low` breaks and one of `high` does not. */
interface Probe {
  readonly low: number;
  readonly high: number;
  /** In the answer, or in what `shown` makes of it. */
  readonly code: RegExp;
  readonly js?: (name: string) => string;
  readonly wat?: string;
  readonly settings?: FunctionSettings;
  /** Limits that the probe needs beside its own. */
  readonly limits?: Partial<FunctionLimits>;
  readonly ask?: (host: TestRuntime, name: string) => Promise<readonly TestAnswer[]>;
  /** Default: the answers' texts. */
  readonly shown?: (host: TestRuntime, name: string) => string;
}

const script = (body: string) => `var moc = requireApi("core");
  function run() {
    try { ${body} } catch (error) { moc.writeExchangeBuffer(moc.getOutputBufferId(), String(error.code) + ": " + error); return 500; }
    return 200;
  }`;

const CALL_LEAF = `moc.callFunction("leaf", "run", [], "direct", moc.getInputBufferId(), moc.getOutputBufferId(), "", []);`;

const HOLD = (name: string) => `export default { async fetch(request, env) {
  while (!(await env.kv.get("release-${name}"))) await new Promise((done) => setTimeout(done, 5));
  return new Response("ok");
} };`;

/** Three calls at once; if one is refused, the two others are let go after that. */
async function threeAtOnce(host: TestRuntime, name: string): Promise<readonly TestAnswer[]> {
  const calls = [1, 2, 3].map(() => host.get(`/${name}`));
  const release = () =>
    host.runtime.state.kv.batch(
      [{ key: Buffer.from(`release-${name}`), value: Buffer.from("1") }],
      [],
    );
  if (name.endsWith("-low")) {
    const first = await Promise.race(calls);
    assert.equal(first.status, 429, first.text);
  }
  await release();
  return Promise.all(calls);
}

const PROBES: { readonly [name in LimitName]: Probe } = {
  memoryMiB: {
    low: 16,
    high: 64,
    code: /MOC_LIMIT_MEMORY/,
    wat: `(module (memory (export "memory") 1) (func (export "run") (result i32)
      (if (i32.eq (memory.grow (i32.const 512)) (i32.const -1)) (then unreachable)) (i32.const 200)))`,
    settings: { start: "run" },
  },
  timeoutMs: {
    low: 300,
    high: 60_000,
    code: /MOC_LIMIT_TIME/,
    js: () =>
      `export default { async fetch() { await new Promise((done) => setTimeout(done, 900)); return new Response("ok"); } };`,
  },
  cpuMs: {
    low: 100,
    high: 60_000,
    code: /MOC_LIMIT_CPU/,
    js: () => script("for (var end = Date.now() + 1500; Date.now() < end; );"),
  },
  stackKiB: {
    low: 32,
    high: 2048,
    code: /MOC_LIMIT_STACK/,
    js: () => `function deep(left) { return left === 0 ? 0 : 1 + deep(left - 1); }
      function run() { deep(500); return 200; }`,
  },
  callDepth: {
    low: 2,
    high: 10,
    code: /MOC_LIMIT_DEPTH/,
    js: (name) =>
      script(`var left = Number(moc.readExchangeBufferHeaders(moc.getInputBufferId())["x-left"] || "5");
        if (left === 0) return 200;
        var input = moc.createExchangeBuffer();
        moc.writeExchangeBufferHeader(input, "x-left", String(left - 1));
        return moc.callFunction("${name}", "run", [], "direct", input, moc.getOutputBufferId(), "", []);`),
  },
  subCalls: {
    low: 3,
    high: 100,
    code: /MOC_LIMIT_CALLS/,
    js: () => script(`for (var i = 0; i < 5; i++) ${CALL_LEAF}`),
  },
  buffers: {
    low: 5,
    high: 100,
    code: /MOC_LIMIT_BUFFERS/,
    js: () => script("for (var i = 0; i < 10; i++) moc.createExchangeBuffer();"),
  },
  requestMiB: {
    low: 1,
    high: 4,
    code: /MOC_TOO_LARGE/,
    js: () => script(""),
    ask: async (host, name) => [
      await host.get(`/${name}`, { method: "POST", body: "x".repeat(2 * 2 ** 20) }),
    ],
  },
  responseMiB: {
    low: 1,
    high: 16,
    code: /MOC_LIMIT_RESPONSE/,
    limits: { requestMiB: 1 },
    js: () =>
      script(`var id = moc.createExchangeBuffer();
        for (var i = 0; i < 5; i++) moc.writeExchangeBuffer(id, "x".repeat(1048576));`),
  },
  headersKiB: {
    low: 1,
    high: 32,
    code: /MOC_LIMIT_RESPONSE/,
    js: () =>
      script(`moc.writeExchangeBufferHeader(moc.getOutputBufferId(), "x-long", "x".repeat(4000));`),
  },
  logKiB: {
    low: 1,
    high: 64,
    code: /limits\.logKiB/,
    js: () => script(`for (var i = 0; i < 50; i++) moc.printDebug("line " + i + "x".repeat(100));`),
    shown: (host, name) =>
      host.runtime.logs
        .list({ function: name, limit: 1000 })
        .map((line) => line.text)
        .join("\n"),
  },
  concurrency: {
    low: 1,
    high: 100,
    code: /MOC_TOO_MANY/,
    limits: { queue: 1 },
    js: HOLD,
    ask: threeAtOnce,
  },
  queue: {
    low: 1,
    high: 100,
    code: /MOC_TOO_MANY/,
    limits: { concurrency: 1 },
    js: HOLD,
    ask: threeAtOnce,
  },
};

const NAMES = Object.keys(FUNCTION_LIMITS) as LimitName[];

async function deployProbe(host: TestRuntime, limit: LimitName, name: string, value: number) {
  const probe = PROBES[limit];
  const one: TestDeploy = {
    name,
    ...(probe.js ? { js: probe.js(name) } : { wat: probe.wat ?? "" }),
    settings: {
      ...(probe.js?.(name).includes("function run") && { start: "run" }),
      ...probe.settings,
      limits: { cpuMs: 60_000, timeoutMs: 60_000, ...probe.limits, [limit]: value },
    },
    plugs: [{ path: `/${name}` }, { method: "post", path: `/${name}` }],
  };
  await host.deploy(one);
}

async function outcome(host: TestRuntime, limit: LimitName, name: string): Promise<string> {
  const { ask, shown } = PROBES[limit];
  const answers = ask ? await ask(host, name) : [await host.get(`/${name}`)];
  if (shown) return shown(host, name);
  return answers.map(({ status, text }) => `${status} ${text}`).join("\n");
}

const LEAF = { name: "leaf", js: "function run() { return 200; }", settings: { start: "run" } };

describe("limits of a function", () => {
  let host: TestRuntime;
  before(async () => {
    host = await startTestRuntime();
    await host.deploy(LEAF);
  });
  after(() => host[Symbol.asyncDispose]());

  for (const limit of NAMES) {
    const { low, high, code } = PROBES[limit];
    test(`${limit}: its default, its code when it is broken, and that a function may raise it`, async () => {
      const { default: byDefault, ceiling } = FUNCTION_LIMITS[limit];
      assert.equal(resolveLimits()[limit], byDefault);
      assert.equal(resolveLimits({ [limit]: Number.MAX_SAFE_INTEGER })[limit], ceiling);
      await deployProbe(host, limit, `${limit}-low`, low);
      assert.match(await outcome(host, limit, `${limit}-low`), code);
      await deployProbe(host, limit, `${limit}-high`, high);
      const raised = await outcome(host, limit, `${limit}-high`);
      assert.doesNotMatch(raised, /MOC_|limits\./);
      assert.equal((await host.get("/leaf")).status, 200, "others go on");
    });
  }

  test("headersKiB holds for the request's headers too", async () => {
    await host.deploy({
      name: "small-heads",
      js: "export default { fetch: () => new Response('ok') };",
      settings: { limits: { headersKiB: 1 } },
    });
    const refused = await host.get("/small-heads", { headers: { "x-long": "x".repeat(2000) } });
    assert.equal(refused.status, 413, refused.text);
    assert.equal(refused.json.code, "MOC_TOO_LARGE");
    const taken = await host.get("/small-heads", { headers: { "x-long": "x".repeat(500) } });
    assert.equal(taken.status, 200, taken.text);
  });
});

/** Ceilings that do not get in each other's way. */
const CEILINGS: readonly (readonly LimitName[])[] = [
  NAMES.filter((name) => !["timeoutMs", "cpuMs", "concurrency", "queue"].includes(name)),
  ["timeoutMs"],
  ["cpuMs"],
  ["concurrency", "queue"],
];

for (const limits of CEILINGS) {
  test(`the operator's ceiling cuts what a function wishes: ${limits.join(", ")}`, async () => {
    const ceilings = Object.fromEntries(limits.map((limit) => [limit, PROBES[limit].low]));
    await using host = await startTestRuntime({ ceilings });
    await host.deploy(LEAF);
    for (const limit of limits) {
      const name = `${limit}-cut-low`;
      await deployProbe(host, limit, name, PROBES[limit].high);
      assert.match(await outcome(host, limit, name), PROBES[limit].code, limit);
    }
  });
}
