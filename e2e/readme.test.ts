/** The README's first command, as a user types it: start, look, stop, start again. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { InstanceFile } from "../runtime/protocol/model.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "moc-readme-"));
});
after(() => rm(folder, { recursive: true, force: true }));

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly instance: InstanceFile;
}

/** Runs `npm start` until it says that it is ready. */
function start(): Promise<Started> {
  const args = ["start", "--", "--port", "0", "--data", folder];
  // A group of its own, as a terminal makes one: Ctrl-C reaches npm and everything below it.
  const child = spawn("npm", args, {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let text = "";
  return new Promise((resolve, reject) => {
    const read = async (bytes: Buffer) => {
      text += bytes;
      if (!text.includes("Ctrl-C")) return;
      child.stdout?.off("data", read);
      const instance = JSON.parse(await readFile(join(folder, "instance.json"), "utf8"));
      resolve({ child, output: () => text, instance });
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", (bytes: Buffer) => {
      text += bytes;
    });
    child.once("exit", (code) => reject(new Error(`npm start ended with ${code}: ${text}`)));
  });
}

function ask({ url, certificate }: InstanceFile, path: string, method = "GET"): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(`${url}${path}`, { ca: certificate, agent: false, method }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve(`${response.statusCode} ${text}`));
    });
    call.on("error", reject);
    call.end();
  });
}

/** Ctrl-C; settles when npm and the runtime are gone. */
async function interrupt({ child, instance }: Started): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  process.kill(-(child.pid ?? 0), "SIGINT");
  await ended;
  assert.equal(existsSync(join(folder, "instance.json")), false, "no instance file is left");
  assert.throws(() => process.kill(instance.pid, 0), "the runtime's process is gone");
}

test("npm start deploys the samples, says what to try, stops clean, and finds everything again", async () => {
  const first = await start();
  assert.match(first.output(), /hello-js/);
  assert.match(await ask(first.instance, "/hello-js"), /^200 /);
  assert.match(await ask(first.instance, "/counter/readme", "POST"), /^200 .*"value":1/);
  await interrupt(first);

  const second = await start();
  assert.match(await ask(second.instance, "/hello-js"), /^200 /);
  assert.equal(second.instance.token, first.instance.token);
  assert.equal(second.instance.certificate, first.instance.certificate);
  assert.match(await ask(second.instance, "/counter/readme"), /^200 .*"value":1/);
  await interrupt(second);
});
