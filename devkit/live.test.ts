/** Saves in a real folder, seen by the system's own watching, deployed to a real platform. */
import assert from "node:assert/strict";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { BuildProducts } from "./build-products.ts";
import { closeBuilders } from "./builders/list.ts";
import type { Client } from "./client.ts";
import { LiveDeployer, type LiveEvent } from "./live.ts";
import { SourceRules } from "./source-rules.ts";
import { startPlatform, temporaryFolder, writeFiles, writeProject } from "./testing.ts";
import { watch } from "./watch.ts";

after(closeBuilders);

const answer = (text: string): string =>
  `export default { fetch: () => new Response("${text}") };\n`;

/** Collects events, and waits for those that are to come. */
class Events {
  readonly all: LiveEvent[] = [];
  #wake = Promise.withResolvers<void>();

  add(event: LiveEvent): void {
    this.all.push(event);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  async until(kind: LiveEvent["kind"], count = 1): Promise<LiveEvent> {
    for (;;) {
      const found = this.all.filter((event) => event.kind === kind);
      const last = found[count - 1];
      if (last) return last;
      await this.#wake.promise;
    }
  }

  kinds(): readonly string[] {
    return this.all.map(({ kind }) => kind).filter((kind) => kind !== "building");
  }
}

async function body(client: Client, path: string): Promise<string> {
  return new TextDecoder().decode((await client.fetchFunction({ path })).body);
}

/** The new version answers sooner or later; the test runner's own limit is the only clock. */
async function untilBody(client: Client, text: string): Promise<void> {
  while ((await body(client, "/live")) !== text) await sleep(20);
}

async function tryFunction(t: TestContext) {
  const folder = await temporaryFolder(t);
  const { client } = await startPlatform(t, join(folder, "data"));
  const manifest = { name: "live", language: "javascript", plugs: [{ path: "/live" }] } as const;
  const project = await writeProject(join(folder, "src"), manifest, { "index.js": answer("0") });
  return { client, project, root: join(folder, "src") };
}

test("watch deploys at the start, at each save, however the editor writes", async (t) => {
  const { client, project, root } = await tryFunction(t);
  const events = new Events();
  const watcher = await watch(client, root, { onEvent: (event) => events.add(event) });
  t.after(() => watcher.close());
  assert.equal(await body(client, "/live"), "0");
  const file = join(project.folder, "index.js");
  await writeFile(file, answer("1"));
  await events.until("deployed", 2);
  assert.equal(await body(client, "/live"), "1");
  for (const version of ["2", "3", "4"]) {
    await writeFile(`${file}~`, answer(version));
    await rename(`${file}~`, file);
    await events.until("deployed", Number(version) + 1);
    assert.equal(await body(client, "/live"), version);
  }
  await writeFiles(project.folder, { "lib/new/a.js": 'export const a = "deep";\n' });
  await writeFile(
    file,
    'import { a } from "./lib/new/a.js";\nexport default { fetch: () => new Response(a) };\n',
  );
  await untilBody(client, "deep");
  await writeFile(join(project.folder, "lib/new/a.js"), 'export const a = "deeper";\n');
  await untilBody(client, "deeper");
});

test("what the platform keeps in its data folder is no save", async (t) => {
  const folder = await temporaryFolder(t);
  const rules = new SourceRules(folder);
  await writeFiles(folder, { "elsewhere/.gitignore": "*\n", "elsewhere/database/1.log": "" });
  await rules.load();
  for (const data of ["my-own-cluster-data", "elsewhere"]) {
    assert.equal(await rules.isSource(join(folder, data, "database/1.log")), false, data);
  }
  assert.equal(await rules.isSource(join(folder, "index.js")), true);
});

test("a failed build keeps the old version and is told once", async (t) => {
  const { client, project } = await tryFunction(t);
  const events = new Events();
  const live = new LiveDeployer(client, { onEvent: (event) => events.add(event) });
  t.after(() => live.close());
  await live.saved(project.folder);
  await writeFiles(project.folder, { "index.js": "oops(" });
  await live.saved(project.folder);
  await live.saved(project.folder);
  assert.equal(await body(client, "/live"), "0");
  await writeFiles(project.folder, { "index.js": answer("1") });
  await live.saved(project.folder);
  await writeFiles(project.folder, { "index.js": "oops(" });
  await live.saved(project.folder);
  assert.deepEqual(events.kinds(), ["deployed", "failed", "deployed", "failed"]);
  assert.equal(await body(client, "/live"), "1");
});

test("a newer save supersedes an older build", async (t) => {
  const { client, project } = await tryFunction(t);
  const events = new Events();
  const live = new LiveDeployer(client, { onEvent: (event) => events.add(event) });
  t.after(() => live.close());
  const slow = {
    ...project.manifest,
    build: { command: "node -e 'setInterval(() => {}, 1e6)'", output: "x.js" },
  };
  await writeFiles(project.folder, { "moc.json": JSON.stringify(slow) });
  const older = live.saved(project.folder);
  await events.until("building");
  await writeFiles(project.folder, { "moc.json": JSON.stringify(project.manifest) });
  await Promise.all([live.saved(project.folder), older]);
  assert.deepEqual(events.kinds(), ["deployed"]);
});

test("a moc.json that is gone is told, and the function stays", async (t) => {
  const { client, project } = await tryFunction(t);
  const events = new Events();
  const live = new LiveDeployer(client, { onEvent: (event) => events.add(event) });
  t.after(() => live.close());
  await live.saved(project.folder);
  await rename(project.manifestFile, `${project.manifestFile}.old`);
  await live.saved(project.folder);
  await live.saved(project.folder);
  assert.deepEqual(events.kinds(), ["deployed", "gone"]);
  assert.equal(await body(client, "/live"), "0");
});

test("a custom build that writes beside its sources does not start itself for ever", async (t) => {
  const { client, project, root } = await tryFunction(t);
  const build = {
    command: `node -e 'const fs=require("fs"); fs.writeFileSync("step.o", String(process.pid)); fs.copyFileSync("index.js","out.js")'`,
    output: "out.js",
  };
  await writeFiles(project.folder, { "moc.json": JSON.stringify({ ...project.manifest, build }) });
  const events = new Events();
  const watcher = await watch(client, root, { onEvent: (event) => events.add(event) });
  t.after(() => watcher.close());
  await writeFile(join(project.folder, "index.js"), answer("1"));
  await untilBody(client, "1");
  const seen = events.all.length;
  await sleep(600);
  // One more build may run before the pattern is known, not one after the other.
  assert.ok(events.all.length - seen <= 4, events.kinds().join(" "));
});

test("the lock file that cargo writes is no save; one that its author changes is", () => {
  const products = new BuildProducts();
  const manifest = { name: "r", language: "rust" } as const;
  const project = { folder: "/r", manifestFile: "/r/moc.json", manifest };
  assert.equal(products.takes("/r", "/r/Cargo.lock"), false);
  products.building(project);
  assert.equal(products.takes("/r", "/r/Cargo.lock"), true);
  assert.equal(products.takes("/r", "/r/src/lib.rs"), false);
  assert.deepEqual(products.built("/r"), []);
  assert.equal(products.takes("/r", "/r/Cargo.lock"), false);
});

test("SourceRules leaves out what git ignores and what tools and editors write", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFiles(folder, { ".gitignore": "*.log\n/out/\nmade/\n", "sub/.gitignore": "gen.js\n" });
  const rules = new SourceRules(folder);
  await rules.load();
  const sources: string[] = [];
  const names = [
    "a.js",
    "x.log",
    "out/a.js",
    "sub/out/a.js",
    "sub/gen.js",
    "gen.js",
    "a.js~",
    ".a.swp",
    "made",
    "sub/made",
  ];
  // As a folder it is ignored itself, too; as a file it is none of those that are meant.
  await writeFiles(folder, { "made/a.js": "", "sub/made": "" });
  for (const name of [...names, "node_modules/a.js", "sub/.git/x", ".moc/build/x", "4913"]) {
    if (await rules.isSource(join(folder, name))) sources.push(name);
  }
  assert.deepEqual(sources, ["a.js", "sub/out/a.js", "gen.js", "sub/made"]);
});
