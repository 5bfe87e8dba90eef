/** `moc dev` as a process, with a runtime that it starts itself. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { access, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { readInstance } from "../../devkit/target.ts";
import { temporaryFolder, writeFiles } from "../../devkit/testing.ts";
import type { InstanceFile } from "../protocol/model.ts";

const CLI = fileURLToPath(new URL("./main.ts", import.meta.url));
const skip = process.platform === "win32" ? "there are no signals" : false;

class Dev {
  output = "";
  readonly child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #wake = Promise.withResolvers<void>();

  constructor(
    t: TestContext,
    folder: string,
    args: readonly string[] = ["--port", "0"],
    dataFolder?: string,
  ) {
    const env: NodeJS.ProcessEnv = { ...process.env };
    delete env.MOC_DATA;
    if (dataFolder !== undefined) env.MOC_DATA = dataFolder;
    const child = spawn(process.execPath, [CLI, "dev", ...args], { cwd: folder, env });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
        this.#wake.resolve();
        this.#wake = Promise.withResolvers();
      });
    }
    this.#ended = new Promise((resolve) => child.once("close", resolve));
    t.after(() => child.kill("SIGKILL"));
  }

  /** Waits for a text that it prints; the runner's own limit is the only clock. */
  async says(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.output)) {
      const ended = await Promise.race([this.#wake.promise, this.#ended]);
      assert.ok(ended === undefined || pattern.test(this.output), this.output);
    }
  }

  ended(): Promise<number | null> {
    return this.#ended;
  }
}

async function tryProject(t: TestContext, manifest: object = {}): Promise<string> {
  const folder = await temporaryFolder(t);
  await writeFiles(folder, {
    "moc.json": JSON.stringify({
      name: "one",
      language: "javascript",
      plugs: [{ path: "/one" }],
      ...manifest,
    }),
    "index.js": "export default { fetch: () => new Response('1') };\n",
  });
  return folder;
}

async function instanceOf(folder: string): Promise<InstanceFile> {
  const instance = await readInstance(join(folder, "my-own-cluster-data"));
  assert.ok(instance);
  return instance;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("dev deploys, tells a save in one line, an error once, and Ctrl-C ends all", {
  skip,
}, async (t) => {
  const folder = await tryProject(t);
  const dev = new Dev(t, folder);
  await dev.says(/Watching\. Stop with Ctrl-C\./);
  assert.match(dev.output, /https:\/\/localhost:\d+\/one\n {2}live \d+ ms after the start\n/);
  const { pid } = await instanceOf(folder);
  const file = join(folder, "index.js");
  await writeFile(file, (await readFile(file, "utf8")).replace("'1'", "'2'"));
  await dev.says(/one revision 2, live \d+ ms after the save\n/);
  await writeFile(file, "oops(\n");
  await dev.says(/index\.js:\d+:\d+: error: .*\none was not deployed: 1 error\nThe version before/);
  dev.child.kill("SIGINT");
  assert.equal(await dev.ended(), 0);
  assert.equal(isAlive(pid), false);
  await assert.rejects(access(join(folder, "my-own-cluster-data", "instance.json")));
});

test("dev whose runtime is killed says so and fails; MOC_DATA says where its data are", {
  skip,
}, async (t) => {
  const folder = await tryProject(t);
  const data = join(await temporaryFolder(t), "elsewhere");
  const dev = new Dev(t, folder, ["--port", "0"], data);
  await dev.says(/Watching/);
  const instance = await readInstance(data);
  assert.ok(instance);
  process.kill(instance.pid, "SIGKILL");
  assert.equal(await dev.ended(), 1);
  assert.match(dev.output, /error: The runtime ended by itself; its data are safe\./);
});

test("dev where there is no function says so, and takes the one that comes", {
  skip,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const dev = new Dev(t, folder);
  await dev.says(
    /There is no moc\.json in .*\. It is live as soon as it is there\.\n(.*\n)*Watching/,
  );
  await writeFiles(folder, {
    "new/index.js": "export default { fetch: () => new Response('1') };\n",
    "new/moc.json": JSON.stringify({ name: "new", language: "javascript" }),
  });
  await dev.says(/new revision 1/);
  dev.child.kill("SIGINT");
  assert.equal(await dev.ended(), 0);
});

test("Ctrl-C during the first build ends the compiler too", { skip }, async (t) => {
  const command = `${process.execPath} -e "require('fs').writeFileSync('pid', String(process.pid)); setInterval(() => {}, 1e6)"`;
  const folder = await tryProject(t, { build: { command, output: "out.js" } });
  const dev = new Dev(t, folder);
  let pid = 0;
  while (pid === 0) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    pid = Number(await readFile(join(folder, "pid"), "utf8").catch(() => "0"));
  }
  dev.child.kill("SIGINT");
  assert.equal(await dev.ended(), 0, dev.output);
  // It was killed with its group; the system takes its time to take it away.
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
});

test("dev beside a runtime that has the usual port takes a free one; a port that was asked for stands", {
  skip,
}, async (t) => {
  const taken = createServer();
  await new Promise<void>((resolve, reject) => {
    taken.once("error", reject).listen(8443, "127.0.0.1", resolve);
  }).catch((error: NodeJS.ErrnoException) => assert.equal(error.code, "EADDRINUSE"));
  t.after(() => taken.close());
  const dev = new Dev(t, await tryProject(t), []);
  await dev.says(/Watching/);
  assert.match(dev.output, /The usual port is taken: choosing a free one\n/);
  assert.ok(!dev.output.includes("error:"), dev.output);
  dev.child.kill("SIGINT");
  assert.equal(await dev.ended(), 0);
  const asked = new Dev(t, await tryProject(t), ["--port", "8443"]);
  assert.equal(await asked.ended(), 1);
  assert.equal(asked.output.match(/error:/g)?.length, 1, asked.output);
  assert.match(asked.output, /error: .*8443.*\[MOC_PORT_IN_USE\]/);
});
