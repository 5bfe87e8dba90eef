/** Runtimes that die and connections that are cut while a deploy is on its way. */
import assert from "node:assert/strict";
import { type AddressInfo, connect as connectTo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { MocError } from "../runtime/protocol/errors.ts";
import { startRuntime } from "../runtime/runtime.ts";
import { closeBuilders } from "./builders/list.ts";
import { Client, connect } from "./client.ts";
import { type DeployOutcome, deployProject } from "./deploy.ts";
import type { FunctionProject } from "./manifest.ts";
import { ensureRuntime } from "./runtime-process.ts";
import { temporaryFolder, writeProject } from "./testing.ts";

after(closeBuilders);

const CLI = fileURLToPath(new URL("../runtime/cli/main.ts", import.meta.url));
const START = { command: [process.execPath, CLI], arguments: ["--port", "0"] };
/** Shares of the time that a deploy takes. */
const KILLED_AT = [0.3, 0.6, 0.8, 0.95];
/** In the head of an answer, in its body, and in answers that follow on the same connection. */
const CUT_AFTER_BYTES = [1, 150, 250, 350, 600];

/** A version of one function: its answer, its plugs and its file say which one it is. */
function versionOf(folder: string, version: number): Promise<FunctionProject> {
  return writeProject(
    folder,
    {
      name: "torn",
      language: "javascript",
      plugs: [{ path: "/torn" }, { path: `/torn/${version}` }],
      files: [{ path: "/torn/file", file: "file.txt", contentType: "text/plain" }],
    },
    {
      "index.js": `export default { fetch: () => new Response("${version}") };\n`,
      "file.txt": `${version} ${"x".repeat(2_000_000)}`,
    },
  );
}

/** Which version is live; fails if code, plugs and file are not of the same one. */
async function wholeVersion(client: Client): Promise<number> {
  const text = async (path: string): Promise<string> =>
    new TextDecoder().decode((await client.fetchFunction({ path })).body);
  const version = await text("/torn");
  const { plugs } = await client.call("plugs");
  const paths = plugs.filter(({ owner }) => owner === "torn").map(({ path }) => path);
  assert.deepEqual(paths.sort(), ["/torn", `/torn/${version}`, "/torn/file"].sort());
  assert.equal((await text("/torn/file")).split(" ")[0], version);
  return Number(version);
}

async function outcomeOf(deploying: Promise<DeployOutcome>): Promise<DeployOutcome | MocError> {
  return deploying.catch((error: unknown) => {
    assert.ok(error instanceof MocError, String(error));
    return error;
  });
}

function isToldClearly(error: MocError): void {
  assert.equal(error.code, "MOC_UNREACHABLE", error.message);
  assert.match(error.message, /start one with "moc serve|it may have stopped/);
}

test("a runtime that is killed while it answers a deploy: old or new, never half, and the next works", {
  skip: process.platform === "win32" ? "there is no SIGKILL" : false,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const dataFolder = join(folder, "data");
  const told: string[] = [];
  let { runtime, client } = await startProcess(t, dataFolder);
  await deployProject(client, await versionOf(folder, 0));
  let live = 0;
  for (const share of KILLED_AT) {
    const start = performance.now();
    live += 1;
    await deployProject(client, await versionOf(folder, live));
    const wholeMs = performance.now() - start;
    const deploying = outcomeOf(deployProject(client, await versionOf(folder, live + 1)));
    await sleep(share * wholeMs);
    process.kill(runtime.instance.pid, "SIGKILL");
    const outcome = await deploying;
    await runtime.ended;
    client.close();
    if (outcome instanceof MocError) isToldClearly(outcome);

    ({ runtime, client } = await startProcess(t, dataFolder));
    const found = await wholeVersion(client);
    assert.ok(found === live || found === live + 1, `${found} is live, ${live} was`);
    // What was reported as live was on disk.
    if (!(outcome instanceof MocError)) assert.equal(found, live + 1);
    told.push(`${outcome instanceof MocError ? "lost" : "ok"}, ${found > live ? "new" : "old"}`);
    live = found;
  }
  await deployProject(client, await versionOf(folder, live + 1));
  assert.equal(await wholeVersion(client), live + 1);
  t.diagnostic(told.join("; "));
});

async function startProcess(t: TestContext, dataFolder: string) {
  const runtime = await ensureRuntime({ ...START, dataFolder });
  t.after(() => runtime.stop());
  const client = await connect({ dataFolder });
  t.after(() => client.close());
  return { runtime, client };
}

test("a connection that is cut in the middle of the answer is told, and the next deploy works", async (t) => {
  const folder = await temporaryFolder(t);
  const dataFolder = join(folder, "data");
  const runtime = await startRuntime({ dataFolder, port: 0, httpPort: 0 });
  t.after(() => runtime.stop());
  const client = await connect({ dataFolder });
  t.after(() => client.close());
  await deployProject(client, await versionOf(folder, 0));
  const next = await versionOf(folder, 1);
  const { httpPort, token } = runtime.instance;
  const proxy = await cuttingProxy(t, httpPort ?? 0);
  const baseUrl = `http://localhost:${proxy.port}`;
  const codes: string[] = [];
  for (const bytes of CUT_AFTER_BYTES) {
    proxy.cutAfter(bytes);
    const cut = new Client({ baseUrl, token });
    const outcome = await outcomeOf(deployProject(cut, next));
    codes.push(outcome instanceof MocError ? outcome.code : "ok");
    cut.close();
    const live = await wholeVersion(client);
    assert.ok(live === 1 || (live === 0 && outcome instanceof MocError), `${live} is live`);
  }
  assert.deepEqual(codes.slice(0, 2), ["MOC_UNREACHABLE", "MOC_UNREACHABLE"]);
  assert.ok(codes.every((code) => code === "MOC_UNREACHABLE" || code === "ok"));
  t.diagnostic(codes.join(" "));
  proxy.cutAfter(Number.POSITIVE_INFINITY);
  const whole = new Client({ baseUrl, token });
  t.after(() => whole.close());
  const outcome = await deployProject(whole, next);
  assert.ok(outcome.ok);
  assert.equal(await wholeVersion(client), 1);
});

/** Passes bytes on to a port, and cuts a connection after so many of the server's. */
async function cuttingProxy(t: TestContext, port: number) {
  const sockets = new Set<Socket>();
  let limit = Number.POSITIVE_INFINITY;
  const server = createServer((near) => {
    const far = connectTo(port, "127.0.0.1");
    let passed = 0;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        near.destroy();
        far.destroy();
      });
    }
    // The platform is administered under its own address alone.
    near.on("data", (part: Buffer) => {
      const text = part.toString("latin1").replace(`localhost:${own()}`, `localhost:${port}`);
      far.write(text, "latin1");
    });
    far.on("data", (part: Buffer) => {
      near.write(part.subarray(0, limit - passed));
      passed += part.length;
      if (passed >= limit) near.resetAndDestroy();
    });
  });
  const own = (): number => (server.address() as AddressInfo).port;
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: own(),
    cutAfter(bytes: number): void {
      limit = bytes;
    },
  };
}
