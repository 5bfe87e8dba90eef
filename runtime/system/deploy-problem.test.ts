/** What a deploy says of a function that cannot be loaded. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ExecutorStatus, Status } from "../protocol/rest.ts";
import type { DeployAnswer } from "../protocol/rest-deploy.ts";
import { RestRuntime } from "./test-rest.ts";

const GOOD = `export default { fetch: () => new Response("good") };\n`;
const THROWS = `const one = 1;\n\nthrow new Error("not today");\n${GOOD}`;

let rest: RestRuntime;
before(async () => {
  rest = await RestRuntime.start();
});
after(() => rest.stop());

async function deploy(
  name: string,
  body: string | Buffer,
  contentType = "text/javascript",
  more: object = {},
): Promise<DeployAnswer> {
  const put = await rest.call("putBlob", { body, headers: { "content-type": contentType } });
  const plugs = [{ path: `/${name}`, ...more }];
  const { status, json, bytes } = await rest.call("deploy", {
    body: { name, tech_id: String(put.json.tech_id), plugs },
  });
  assert.equal(status, 200, bytes.toString());
  return json as unknown as DeployAnswer;
}

/** A thread that starts from sources takes its time. */
async function untilSpare(): Promise<void> {
  const isSpare = ({ state }: ExecutorStatus) => state === "spare";
  for (;;) {
    const { json } = await rest.call("status");
    if ((json as unknown as Status).executors.some(isSpare)) return;
    await sleep(20);
  }
}

/**
 * Deploys a version that cannot be loaded. A load that takes long is not waited for: on a machine that
 * is busy it is told by the next deploy of the same version.
 */
async function deployBroken(...version: Parameters<typeof deploy>): Promise<DeployAnswer> {
  for (let tries = 0; tries < 20; tries++) {
    await untilSpare();
    const answer = await deploy(...version);
    if (answer.problem) return answer;
  }
  throw new assert.AssertionError({ message: "nothing is told of the version" });
}

async function statusOf(name: string): Promise<number | undefined> {
  const answer = await rest.send("GET", `/${name}`);
  answer.resume();
  return answer.statusCode;
}

test("a version that throws while it is loaded is live, and the answer says where it throws", async () => {
  assert.equal((await deploy("js", GOOD)).problem, undefined);
  assert.equal(await statusOf("js"), 200);
  const broken = await deployBroken("js", THROWS);
  assert.equal(broken.revision, 2);
  assert.equal(broken.problem?.code, "MOC_GUEST_INVALID");
  assert.match(broken.problem?.message ?? "", /not today/);
  assert.equal(broken.problem?.position?.line, 3);
  assert.equal(await statusOf("js"), 422);

  const same = await deployBroken("js", THROWS);
  assert.deepEqual([same.revision, same.changed], [2, []]);
  assert.match(same.problem?.message ?? "", /not today/);
  const other = await deployBroken("js", THROWS.replace("today", "tomorrow"));
  assert.match(other.problem?.message ?? "", /not tomorrow/);

  assert.equal((await deploy("js", GOOD)).problem, undefined);
  assert.equal(await statusOf("js"), 200);
});
test("a return to a version that cannot be loaded says so", async () => {
  await deploy("back", THROWS);
  for (let tries = 0; tries < 20; tries++) {
    await deploy("back", GOOD);
    assert.equal(await statusOf("back"), 200);
    await untilSpare();
    const { json } = await rest.call("rollback", { path: { name: "back" }, body: {} });
    const { problem, changed } = json as unknown as DeployAnswer;
    assert.match(changed.join(), /^back is now/);
    assert.equal(await statusOf("back"), 422);
    // As above: on a machine that is busy it is told the next time.
    if (!problem) continue;
    assert.equal(problem.position?.line, 3);
    return;
  }
  assert.fail("nothing is told of the version");
});

test("what cannot be linked, parsed or started, is told too; what the function needs repairs it", async () => {
  const { default: load } = await import("wabt");
  const wabt = await load();
  const wasm = (text: string): Buffer =>
    Buffer.from(wabt.parseWat("it.wat", `(module ${text})`).toBinary({}).buffer);
  const f = `(func (export "f") (result i32) i32.const 200)`;
  const start = { start_function: "f" };
  const type = "application/wasm";
  const needy = wasm(`(import "nobody" "f" (func (result i32))) ${f}`);
  const cases: readonly [Buffer, string, RegExp][] = [
    [wasm(`(func $s unreachable) (start $s) ${f}`), "MOC_GUEST_TRAP", /unreachable/],
    [wasm(`(func (export "_initialize") unreachable) ${f}`), "MOC_GUEST_TRAP", /start-up/],
    [wasm(`(import "core" "nothing" (func)) ${f}`), "MOC_GUEST_LINK", /core\.nothing/],
    [needy, "MOC_GUEST_LINK", /imports from nobody/],
  ];
  assert.equal((await deploy("wasm", wasm(f), type, start)).problem, undefined);
  assert.equal(await statusOf("wasm"), 200);
  for (const [bytes, code, message] of cases) {
    const { problem } = await deployBroken("wasm", bytes, type, start);
    assert.equal(problem?.code, code);
    assert.match(problem?.message ?? "", message);
  }
  await deploy("nobody", wasm(f), type, start);
  assert.equal((await deploy("wasm", needy, type, start)).problem, undefined);
  assert.equal(await statusOf("wasm"), 200);
});

test("a first version that cannot be loaded is told too, and so is the next one of a function that nobody called", async () => {
  const broken = await deployBroken("first", THROWS);
  assert.equal(broken.problem?.position?.line, 3);
  assert.match(broken.problem?.message ?? "", /not today/);
  assert.equal((await deploy("first", GOOD)).problem, undefined);
  const next = await deployBroken("first", THROWS.replace("today", "now"));
  assert.match(next.problem?.message ?? "", /not now/);
  assert.equal(await statusOf("first"), 422);
});

test("functions that are deployed and not called keep no executor", async () => {
  for (let number = 0; number < 6; number++) {
    assert.equal((await deploy(`uncalled-${number}`, GOOD)).problem, undefined);
  }
  const { json } = await rest.call("status");
  const { executors } = json as unknown as Status;
  assert.deepEqual(
    executors.filter((one) => one.function.startsWith("uncalled-")),
    [],
  );
  assert.equal(await statusOf("uncalled-5"), 200);
});
