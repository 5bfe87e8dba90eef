/** A runtime in a process of its own, found, started and stopped as the editor does it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { MocError } from "../runtime/protocol/errors.ts";
import { Client } from "./client.ts";
import { ensureRuntime, findRuntime } from "./runtime-process.ts";
import { readInstance, resolveTarget } from "./target.ts";
import { temporaryFolder, writeFiles } from "./testing.ts";

const CLI = fileURLToPath(new URL("../runtime/cli/main.ts", import.meta.url));
const START = { command: [process.execPath, CLI], arguments: ["--port", "0"] };

test("ensureRuntime starts one, finds it again, and stop leaves nothing", async (t) => {
  const dataFolder = join(await temporaryFolder(t), "data");
  assert.equal(await findRuntime(dataFolder), undefined);
  const lines: string[] = [];
  const first = await ensureRuntime({ ...START, dataFolder, onOutput: (line) => lines.push(line) });
  t.after(() => first.stop());
  assert.ok(first.owned);
  assert.equal((await findRuntime(dataFolder))?.pid, first.instance.pid);
  const second = await ensureRuntime({ ...START, dataFolder });
  assert.equal(second.owned, false);
  assert.equal(second.instance.pid, first.instance.pid);
  await second.stop();
  assert.equal(await first.ended, 0);
  await second.ended;
  assert.equal(await findRuntime(dataFolder), undefined);
  await assert.rejects(access(join(dataFolder, "instance.json")));
  assert.match(lines.join("\n"), /is ready at https:\/\/localhost:/);
});

test("two that start at once share one runtime", async (t) => {
  const dataFolder = join(await temporaryFolder(t), "data");
  const both = await Promise.all([
    ensureRuntime({ ...START, dataFolder }),
    ensureRuntime({ ...START, dataFolder }),
  ]);
  t.after(() => Promise.all(both.map((one) => one.stop())));
  const pids = new Set(both.map((one) => one.instance.pid));
  assert.equal(pids.size, 1);
  assert.deepEqual(both.map((one) => one.owned).sort(), [false, true]);
});

test("a runtime whose parent is killed ends by itself", {
  skip: process.platform === "win32",
}, async (t) => {
  const dataFolder = join(await temporaryFolder(t), "data");
  const module = new URL("./runtime-process.ts", import.meta.url).href;
  const program = `import { ensureRuntime } from ${JSON.stringify(module)};
    const { instance } = await ensureRuntime(${JSON.stringify({ ...START, dataFolder })});
    console.log(instance.pid); setInterval(() => {}, 1e6);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => parent.kill("SIGKILL"));
  const [line] = await parent.stdout.setEncoding("utf8").take(1).toArray();
  const pid = Number(line);
  parent.kill("SIGKILL");
  while (isAlive(pid)) await sleep(20);
  assert.equal(await readInstance(dataFolder), undefined);
});

test("why it does not start is the runtime's own reason", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFiles(folder, { file: "not a folder" });
  const start = ensureRuntime({ ...START, dataFolder: join(folder, "file", "data") });
  await assert.rejects(start, (error: MocError) => error.code === "MOC_DATA_UNUSABLE");
  const none = ensureRuntime({ command: ["/no/such/node"], dataFolder: join(folder, "data") });
  await assert.rejects(none, (error: MocError) => /cannot be started/.test(error.message));
});

test("resolveTarget: what is given wins over the environment; a wrong address is told", async (t) => {
  const folder = await temporaryFolder(t);
  const environment = { MYOWNCLUSTER_SERVER_BASE_URL: "https://example.org:1/", MOC_TOKEN: "t" };
  const target = await resolveTarget({}, environment);
  assert.deepEqual(target, { baseUrl: "https://example.org:1", token: "t" });
  const given = await resolveTarget({ baseUrl: "http://a/b/", token: "u" }, environment);
  assert.deepEqual(given, { baseUrl: "http://a/b", token: "u" });
  await assert.rejects(resolveTarget({ baseUrl: "ftp://x" }, {}), /write it like https/);
  await assert.rejects(resolveTarget({ dataFolder: folder }, environment), (error: MocError) => {
    return error.code === "MOC_UNREACHABLE" && error.message.includes(`moc serve --data ${folder}`);
  });
  const half = { "instance.json": '{"url":"https://loc' };
  await writeFiles(folder, half);
  assert.equal(await readInstance(folder), undefined);
});

test("the certificate is verified: another instance's is refused", async (t) => {
  const folder = await temporaryFolder(t);
  const [one, two] = await Promise.all([
    ensureRuntime({ ...START, dataFolder: join(folder, "one") }),
    ensureRuntime({ ...START, dataFolder: join(folder, "two") }),
  ]);
  t.after(() => Promise.all([one.stop(), two.stop()]));
  const { url: baseUrl, token } = one.instance;
  const refused = async (certificate: string | undefined, code: string, words: RegExp) => {
    const client = new Client({ baseUrl, token, ...(certificate && { certificate }) });
    await assert.rejects(client.call("status"), (error: MocError) => {
      assert.match(error.message, words);
      return error.code === code;
    });
    client.close();
  };
  await refused(two.instance.certificate, "MOC_UNREACHABLE", /not trusted.*--certificate/);
  await refused(undefined, "MOC_UNREACHABLE", /not trusted/);
  const stranger = new Client({ baseUrl, certificate: one.instance.certificate, token: "wrong" });
  await assert.rejects(
    stranger.call("status"),
    (error: MocError) => error.code === "MOC_UNAUTHORIZED",
  );
  stranger.close();
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
