/** Deploys to a real platform, over https. */
import assert from "node:assert/strict";
import { rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { after, test } from "node:test";
import type { MocError } from "../runtime/protocol/errors.ts";
import { closeBuilders } from "./builders/list.ts";
import type { Client } from "./client.ts";
import { type DeploySuccess, deployProject, rollback, undeploy } from "./deploy.ts";
import { deployAll } from "./deploy-all.ts";
import { type FunctionProject, readProject } from "./manifest.ts";
import { startPlatform, temporaryFolder, writeFiles, writeProject } from "./testing.ts";

after(closeBuilders);

const answer = (text: string): string =>
  `export default { fetch: () => new Response("${text}") };\n`;

async function deployed(client: Client, project: FunctionProject): Promise<DeploySuccess> {
  const outcome = await deployProject(client, project);
  assert.ok(outcome.ok, JSON.stringify(outcome.build.diagnostics));
  return outcome;
}

async function get(client: Client, path: string): Promise<string> {
  const { status, body } = await client.fetchFunction({ path });
  return `${status} ${new TextDecoder().decode(body)}`;
}

test("deploy, change, unplug, roll back, undeploy", async (t) => {
  const folder = await temporaryFolder(t);
  const { client } = await startPlatform(t, join(folder, "data"));
  const manifest = { name: "shop", language: "javascript" } as const;
  const files = { "index.js": answer("one") };
  const first = await writeProject(
    folder,
    { ...manifest, plugs: [{ path: "/a" }, { path: "/b" }] },
    files,
  );
  const one = await deployed(client, first);
  assert.equal(one.revision, 1);
  assert.ok(one.uploadedBytes > 0);
  assert.deepEqual(one.urls, [`${client.target.baseUrl}/a`, `${client.target.baseUrl}/b`]);
  assert.equal(await get(client, "/a"), "200 one");

  const again = await deployed(client, first);
  assert.deepEqual([again.uploadedBytes, again.changed, again.revision], [0, [], 1]);

  const next = { ...manifest, plugs: [{ path: "/a" }] };
  const second = await writeProject(folder, next, { "index.js": answer("two") });
  const two = await deployed(client, second);
  assert.ok(two.changed.includes("unplugged GET /b"), two.changed.join("\n"));
  assert.equal(await get(client, "/a"), "200 two");
  assert.match(await get(client, "/b"), /^404/);

  const back = await rollback(client, "shop");
  assert.equal(back.tech_id, one.techID);
  assert.equal(await get(client, "/a"), "200 one");

  assert.ok((await undeploy(client, "shop")).length > 0);
  assert.match(await get(client, "/a"), /^404/);
  await assert.rejects(
    undeploy(client, "shop"),
    (error: MocError) => error.code === "MOC_NOT_FOUND",
  );
});

test("what does not compile, or is refused, leaves everything as it was", async (t) => {
  const folder = await temporaryFolder(t);
  const { client } = await startPlatform(t, join(folder, "data"));
  const manifest = { name: "keep", language: "javascript", plugs: [{ path: "/keep" }] } as const;
  await deployed(client, await writeProject(folder, manifest, { "index.js": answer("old") }));
  const broken = await writeProject(folder, manifest, { "index.js": "oops(" });
  assert.equal((await deployProject(client, broken)).ok, false);
  assert.equal(await get(client, "/keep"), "200 old");
  const thief = await writeProject(
    folder,
    { name: "thief", language: "javascript", plugs: [{ path: "/new" }, { path: "/keep" }] },
    { "index.js": answer("stolen") },
  );
  await assert.rejects(
    deployProject(client, thief),
    (error: MocError) => error.code === "MOC_CONFLICT",
  );
  assert.equal(await get(client, "/keep"), "200 old");
  assert.match(await get(client, "/new"), /^404/);
});

test("files of a folder: index pages, odd names, nothing hidden, no links out", async (t) => {
  const folder = await temporaryFolder(t);
  const { client } = await startPlatform(t, join(folder, "data"));
  await writeFiles(folder, { "secret.txt": "secret" });
  const site = await writeProject(
    folder,
    {
      name: "site",
      language: "static-site",
      files: [
        { path: "/site", dir: "public" },
        { path: "/logo", file: "public/a b!.txt", contentType: "text/x-logo" },
      ],
    },
    {
      "public/index.html": "<p>front",
      "public/a b!.txt": "odd",
      "public/*x": "star",
      "public/deep/index.html": "<p>deep",
      "public/.env": "KEY=1",
      "public/.well-known/x": "known",
    },
  );
  await symlink(join(folder, "secret.txt"), join(site.folder, "public", "link.txt"));
  await deployed(client, site);
  assert.equal(await get(client, "/site/"), "200 <p>front");
  assert.equal(await get(client, "/site/deep/"), "200 <p>deep");
  assert.match(await get(client, "/site"), /url=site\//);
  assert.equal(await get(client, "/site/a%20b!.txt"), "200 odd");
  assert.equal(await get(client, "/site/*x"), "200 star");
  assert.equal(await get(client, "/site/.well-known/x"), "200 known");
  assert.match(await get(client, "/site/.env"), /^404/);
  assert.match(await get(client, "/site/link.txt"), /^404/);
  const { headers } = await client.fetchFunction({ path: "/logo" });
  const type = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1];
  assert.match(type ?? "", /^text\/x-logo/);

  // It is listed as what was deployed, unlike files that were only stored.
  await client.call("putBlob", {
    query: { name: "stored.txt" },
    body: new TextEncoder().encode("stored"),
  });
  const { functions } = await client.call("functions");
  const listed = functions.find(({ name }) => name === "site");
  assert.equal(listed?.settings.language, "static-site");
  assert.ok(listed.plugs.length > 0 && listed.plugs.every(({ type }) => type === "file"));
  assert.ok(!functions.some(({ name }) => name === "stored.txt"));
});

test("a renamed function takes its paths along; a refused rename changes nothing", async (t) => {
  const folder = await temporaryFolder(t);
  const { client } = await startPlatform(t, join(folder, "data"));
  const plugs = [{ path: "/here" }];
  const old = await writeProject(
    folder,
    { name: "old", language: "javascript", plugs },
    { "index.js": answer("x") },
  );
  await deployed(client, old);
  const rewrite = async (manifest: object): Promise<FunctionProject> => {
    await writeFiles(old.folder, { "moc.json": JSON.stringify(manifest) });
    return readProject(old.folder);
  };
  const other = { name: "other", language: "javascript", plugs: [{ path: "/taken" }] } as const;
  await deployed(client, await writeProject(folder, other, { "index.js": answer("other") }));
  const refused = await rewrite({
    name: "new",
    language: "javascript",
    plugs: [{ path: "/taken" }],
  });
  await assert.rejects(
    deployProject(client, refused),
    (error: MocError) => error.code === "MOC_CONFLICT",
  );
  assert.equal(await get(client, "/here"), "200 x");
  const renamed = await deployed(
    client,
    await rewrite({ name: "new", language: "javascript", plugs }),
  );
  assert.ok(renamed.changed.includes("removed old"), renamed.changed.join("\n"));
  assert.equal(await get(client, "/here"), "200 x");
  const { functions } = await client.call("functions");
  assert.ok(!functions.some(({ name }) => name === "old"));
});

test("a copied folder with another name is another function", async (t) => {
  const folder = await temporaryFolder(t);
  const { client } = await startPlatform(t, join(folder, "data"));
  const files = { "index.js": answer("x") };
  const one = await writeProject(
    folder,
    { name: "one", language: "javascript", plugs: [{ path: "/1" }] },
    files,
  );
  await deployed(client, one);
  // As `cp -r one two` leaves it: with the devkit's own notes.
  const moved = join(dirname(one.folder), "two");
  await rename(one.folder, moved);
  const plugs = [{ path: "/2" }];
  await writeFiles(moved, {
    "moc.json": JSON.stringify({ name: "two", language: "javascript", plugs }),
  });
  await deployed(client, await readProject(moved));
  assert.equal(await get(client, "/1"), "200 x");
  assert.equal(await get(client, "/2"), "200 x");
});

test("deploys of one name at once do not interleave", async (t) => {
  const folder = await temporaryFolder(t);
  const { client } = await startPlatform(t, join(folder, "data"));
  const versions = Array.from({ length: 6 }, (_, i) => String(i));
  const projects = await Promise.all(
    versions.map((version) =>
      writeProject(
        join(folder, version),
        {
          name: "race",
          language: "javascript",
          plugs: [{ path: "/race" }, { path: `/race/${version}` }],
        },
        { "index.js": answer(version) },
      ),
    ),
  );
  await Promise.all(projects.map((project) => deployProject(client, project)));
  const { plugs } = await client.call("plugs");
  const own = plugs.filter(({ owner }) => owner === "race").map(({ path }) => path);
  const [, last = ""] = (await get(client, "/race")).split(" ");
  assert.deepEqual(own.sort(), ["/race", `/race/${last}`]);
  assert.equal(last, versions.at(-1));
});

test("deployAll: callees first, a broken one does not stop the others", async (t) => {
  const folder = await temporaryFolder(t);
  const { client } = await startPlatform(t, join(folder, "data"));
  const files = { "index.js": answer("x") };
  const root = join(folder, "all");
  await writeProject(root, { name: "a", language: "javascript", calls: ["b"] }, files);
  await writeProject(root, { name: "b", language: "javascript" }, files);
  await writeFiles(root, { "c/moc.json": "{}" });
  await writeProject(root, { name: "d", language: "javascript" }, {});
  const outcomes = await deployAll(client, root);
  const told = outcomes.map((one) => {
    return `${basename(one.folder)} ${"error" in one ? one.error.code : one.outcome.ok}`;
  });
  assert.deepEqual(told, ["c MOC_MANIFEST", "b true", "a true", "d MOC_NOT_FOUND"]);
  await rm(join(root, "c"), { recursive: true });
  await writeProject(join(root, "deep"), { name: "a", language: "javascript" }, files);
  await assert.rejects(deployAll(client, root), /both named "a"/);
  await assert.rejects(deployAll(client, join(folder, "data")), /There is no moc\.json/);
});

test("a function that calls one that is nowhere is deployed with a warning at its place", async (t) => {
  const folder = await temporaryFolder(t);
  const { client } = await startPlatform(t, join(folder, "data"));
  const files = { "index.js": answer("x") };
  await deployed(
    client,
    await writeProject(folder, { name: "stock", language: "javascript" }, files),
  );
  const calls = ["stock", "stok", "shop"];
  const shop = await writeProject(folder, { name: "shop", language: "javascript", calls }, files);
  const { diagnostics } = (await deployed(client, shop)).build;
  assert.deepEqual(
    diagnostics.map(({ severity, line, message }) => [severity, line, message]),
    [["warning", 1, 'calls names "stok", which is not deployed; did you mean "stock"?']],
  );
  const [one] = await deployAll(client, shop.folder, {});
  assert.ok(one && "outcome" in one && one.outcome.build.diagnostics.length === 1);
});

test("a runtime that is gone is told in one sentence, and nothing is half deployed", async (t) => {
  const folder = await temporaryFolder(t);
  const dataFolder = join(folder, "data");
  const platform = await startPlatform(t, dataFolder);
  const manifest = { name: "gone", language: "javascript", plugs: [{ path: "/gone" }] } as const;
  await deployed(
    platform.client,
    await writeProject(folder, manifest, { "index.js": answer("1") }),
  );
  await platform.stop();
  const changed = await writeProject(folder, manifest, { "index.js": answer("2") });
  await assert.rejects(deployProject(platform.client, changed), (error: MocError) => {
    assert.equal(error.code, "MOC_UNREACHABLE");
    assert.match(error.message, /moc serve|stopped/);
    return true;
  });
  const second = await startPlatform(t, dataFolder);
  assert.equal(await get(second.client, "/gone"), "200 1");
  // The first client finds the runtime on its new port.
  await deployed(platform.client, changed);
  assert.equal(await get(second.client, "/gone"), "200 2");
});
