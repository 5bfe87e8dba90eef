import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ClassicLevel } from "classic-level";
import {
  jsonBytes,
  type Keyspace,
  type KeyspaceWriter,
  keyText,
  type Operation,
  textKey,
} from "../core/keyspace.ts";
import { openKeyspace } from "./keyspace.ts";
import { testFolder } from "./test-folder.ts";

const put = (key: string, value: string): Operation => ({
  type: "put",
  section: "kv",
  key: textKey(key),
  value: textKey(value),
});
const get = (keyspace: Keyspace, key: string) => {
  const value = keyspace.get("kv", textKey(key));
  return value && keyText(value);
};
async function keys(keyspace: Keyspace, prefix = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of keyspace.entries("kv", { prefix: textKey(prefix) })) {
    found.push(keyText(key));
  }
  return found;
}

test("what was committed is there after a restart, section by section", async (t) => {
  const folder = testFolder(t);
  const first = await openKeyspace(folder);
  await first.commit([put("a", "1"), put("", "empty key")]);
  await first.commit([{ type: "put", section: "names", key: textKey("a"), value: textKey("2") }]);
  await first.close();

  const second = await openKeyspace(folder);
  t.after(() => second.close());
  assert.equal(get(second, "a"), "1");
  assert.equal(get(second, ""), "empty key");
  assert.equal(get(second, "b"), undefined);
  assert.equal(keyText(second.get("names", textKey("a")) ?? new Uint8Array()), "2");
  await second.commit([{ type: "del", section: "kv", key: textKey("a") }]);
  assert.equal(get(second, "a"), undefined);
});

test("commits that wait together share writes, and all of them arrive", async (t) => {
  const keyspace = await openKeyspace(testFolder(t));
  t.after(() => keyspace.close());
  const all = Array.from({ length: 2000 }, (_, i) => keyspace.commit([put(`k${i}`, `${i}`)]));
  await Promise.all(all);
  assert.equal((await keys(keyspace, "k")).length, 2000);
});

test("transactions see every earlier write and nothing comes between", async (t) => {
  const keyspace = await openKeyspace(testFolder(t));
  t.after(() => keyspace.close());
  const increment = () =>
    keyspace.transact(() => {
      const next = Number(get(keyspace, "n") ?? 0) + 1;
      return { operations: [put("n", `${next}`)], result: next };
    });
  const results = await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      i % 2 === 0 ? increment() : keyspace.commit([put(`other${i}`, "")]).then(() => 0),
    ),
  );
  assert.equal(get(keyspace, "n"), "100");
  assert.deepEqual(
    results.filter((one) => one > 0),
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
});

test("a transaction that throws writes nothing and hinders nobody", async (t) => {
  const keyspace = await openKeyspace(testFolder(t));
  t.after(() => keyspace.close());
  const failed = keyspace.transact(() => {
    throw new Error("no");
  });
  const after = keyspace.commit([put("a", "1")]);
  await assert.rejects(failed, { message: "no" });
  await after;
  assert.deepEqual(await keys(keyspace), ["a"]);
});

test("ranges: prefix, after, seek, and bytes that are no text", async (t) => {
  const keyspace = await openKeyspace(testFolder(t));
  t.after(() => keyspace.close());
  await keyspace.commit(["a", "b/1", "b/2", "b/3", "c"].map((key) => put(key, "")));
  const high = new Uint8Array([0xff, 0xff, 1]);
  await keyspace.commit([{ type: "put", section: "kv", key: high, value: high }]);
  assert.deepEqual(await keys(keyspace, "b/"), ["b/1", "b/2", "b/3"]);
  const cursor = keyspace.cursor("kv", { prefix: textKey("b/"), after: textKey("b/1") });
  assert.equal(keyText((await cursor.next())?.key ?? high), "b/2");
  cursor.seek(textKey("b/3"));
  assert.equal(keyText((await cursor.next())?.key ?? high), "b/3");
  assert.equal(await cursor.next(), undefined);
  await cursor.close();
  const found = [];
  for await (const entry of keyspace.entries("kv", { prefix: high.subarray(0, 2) })) {
    found.push([...entry.key]);
  }
  assert.deepEqual(found, [[0xff, 0xff, 1]]);
});

test("a snapshot stays as it was", async (t) => {
  const keyspace = await openKeyspace(testFolder(t));
  t.after(() => keyspace.close());
  await keyspace.commit([put("a", "old")]);
  const snapshot = keyspace.snapshot();
  await keyspace.commit([put("a", "new"), put("b", "new")]);
  assert.equal(keyText(snapshot.get("kv", textKey("a")) ?? new Uint8Array()), "old");
  const seen = [];
  for await (const { key } of snapshot.entries("kv")) seen.push(keyText(key));
  assert.deepEqual(seen, ["a"]);
  await snapshot.close();
});

test("a replacement comes whole or not at all, and survives a restart", async (t) => {
  const folder = testFolder(t);
  const keyspace = await openKeyspace(folder);
  await keyspace.commit([put("old", "1")]);
  await assert.rejects(
    keyspace.replace(
      async (writer) => {
        await writer.put("kv", textKey("half"), textKey("1"));
        throw new Error("cut off");
      },
      async () => () => undefined,
    ),
    { message: "cut off" },
  );
  assert.deepEqual(await keys(keyspace), ["old"]);

  let installed = false;
  await keyspace.replace(
    (writer) => writer.put("kv", textKey("new"), textKey("2")),
    async (content) => {
      assert.ok(content.get("kv", textKey("new")));
      assert.equal(get(keyspace, "new"), undefined);
      return () => {
        installed = true;
      };
    },
  );
  assert.ok(installed);
  assert.deepEqual(await keys(keyspace), ["new"]);
  await keyspace.commit([put("later", "3")]);
  await keyspace.close();
  const again = await openKeyspace(folder);
  t.after(() => again.close());
  assert.deepEqual(await keys(again), ["later", "new"]);
});

test("what a crash left of a replacement is cleared, and the content stays", async (t) => {
  const folder = testFolder(t);
  const first = await openKeyspace(folder);
  await first.commit([put("kept", "1")]);
  await first.close();
  const location = join(folder, "database");
  const db = new ClassicLevel(location);
  await db.put("!data-2!!kv!half", "x");
  await db.put("!data-10!!kv!half", "x");
  await db.close();

  const second = await openKeyspace(folder);
  assert.deepEqual(await keys(second), ["kept"]);
  await second.replace(
    (writer) => writer.put("kv", textKey("new"), textKey("2")),
    async () => () => undefined,
  );
  assert.deepEqual(await keys(second), ["new"]);
  await second.close();
  const after = new ClassicLevel(location);
  const left = await after.keys({ gt: "!data-" }).all();
  await after.close();
  assert.deepEqual(
    left.filter((key) => !key.startsWith("!meta!")),
    ["!data-2!!kv!new"],
  );
});

test("a closed store says that the runtime stops", async (t) => {
  const keyspace = await openKeyspace(testFolder(t));
  await keyspace.close();
  const stopping = { code: "MOC_STOPPING" };
  assert.throws(() => get(keyspace, "a"), stopping);
  await assert.rejects(keyspace.read("kv", textKey("a")), stopping);
  await assert.rejects(keyspace.commit([put("a", "1")]), stopping);
});

test("a replacement whose writes fail says why in our words, and the content stays", async (t) => {
  const folder = testFolder(t);
  const keyspace = await openKeyspace(folder);
  await keyspace.commit([put("kept", "1")]);
  const fill = async (writer: KeyspaceWriter) => {
    await writer.put("kv", textKey("new"), textKey("2"));
    await keyspace.close();
  };
  const replaced = keyspace.replace(fill, async () => () => undefined);
  await assert.rejects(replaced, { code: "MOC_STOPPING" });
  const again = await openKeyspace(folder);
  t.after(() => again.close());
  assert.deepEqual(await keys(again), ["kept"]);
});

test("a disk that takes no more is told to the writer, and once to who looks after the store", {
  skip: process.platform === "win32" ? "needs a limit on the size of files" : false,
}, (t) => {
  const script = `
    import { openKeyspace } from ${JSON.stringify(new URL("keyspace.ts", import.meta.url).href)};
    // The limit would end the process instead of failing the write.
    process.on("SIGXFSZ", () => undefined);
    const keyspace = await openKeyspace(${JSON.stringify(testFolder(t))});
    const put = (key, length) => keyspace.commit([{
      type: "put", section: "kv", key: Buffer.from(key), value: new Uint8Array(length),
    }]);
    await put("before", 1);
    for (const one of ["large", "small"]) {
      await put(one, one === "large" ? 2 ** 20 : 1).catch((error) => console.log(error.code, error.message));
    }
    console.log("broken", (await keyspace.broken).code);
    console.log("read", keyspace.get("kv", Buffer.from("before")).length);`;
  const file = join(testFolder(t), "script.mjs");
  writeFileSync(file, script);
  // 256 blocks are 128 or 256 KiB.
  const { stdout } = spawnSync("sh", [
    "-c",
    'ulimit -f 256; exec "$0" "$1"',
    process.execPath,
    file,
  ]);
  const lines = String(stdout).trim().split("\n");
  assert.equal(lines.length, 4, String(stdout));
  for (const line of lines.slice(0, 2)) {
    assert.match(
      line,
      /^MOC_DATA_UNUSABLE database .* could not be written: .*restart the runtime$/,
    );
  }
  assert.deepEqual(lines.slice(2), ["broken MOC_DATA_UNUSABLE", "read 1"]);
});

test("a folder in use is refused, naming pid and folder; the lock goes with its holder", async (t) => {
  const folder = testFolder(t);
  const first = await openKeyspace(folder);
  await assert.rejects(openKeyspace(join(folder, ".")), {
    code: "MOC_DATA_LOCKED",
    message: new RegExp(`${folder}.*pid ${process.pid}`),
  });
  await first.commit([put("still", "works")]);
  const script = `
    import { openKeyspace } from ${JSON.stringify(new URL("keyspace.ts", import.meta.url).href)};
    await openKeyspace(${JSON.stringify(folder)}).catch((error) => console.log(error.code, error.message));`;
  const other = spawnSync(process.execPath, ["--input-type=module", "-e", script]);
  assert.match(String(other.stdout), new RegExp(`MOC_DATA_LOCKED.*pid ${process.pid}`));
  await first.close();
  assert.ok(!readdirSync(folder).includes("lock"));
});

test("a lock of a process that is gone is taken over", async (t) => {
  const folder = testFolder(t);
  const dead = spawnSync(process.execPath, ["-e", ""]).pid;
  for (const stale of [
    JSON.stringify({ pid: dead, started: "1" }),
    JSON.stringify({ pid: process.ppid, started: "not its start" }),
    "{ cut",
    "",
  ]) {
    writeFileSync(join(folder, "lock"), stale);
    const keyspace = await openKeyspace(folder);
    assert.equal(JSON.parse(readFileSync(join(folder, "lock"), "utf8")).pid, process.pid);
    await keyspace.close();
  }
});

test("git ignores a folder that was made here, and only such a one", async (t) => {
  const given = testFolder(t);
  const made = join(given, "project", "data");
  await (await openKeyspace(made)).close();
  assert.equal(readFileSync(join(made, ".gitignore"), "utf8"), "*\n");
  await (await openKeyspace(given)).close();
  assert.ok(!readdirSync(given).includes(".gitignore"));
});

test("a folder that cannot be used says so", async (t) => {
  const folder = testFolder(t);
  const file = join(folder, "file");
  writeFileSync(file, "");
  await assert.rejects(openKeyspace(join(file, "data")), {
    code: "MOC_DATA_UNUSABLE",
    message: /file\/data/,
  });
  await assert.rejects(openKeyspace(file), { code: "MOC_DATA_UNUSABLE", message: /file/ });
});

test("a folder that cannot be made is told at once", {
  skip: existsSync("/proc/self") ? false : "needs /proc, which refuses folders",
}, async () => {
  await assert.rejects(openKeyspace("/proc/nope/data"), {
    code: "MOC_DATA_UNUSABLE",
    message: /\/proc\/nope.*choose another with --data/,
  });
});

test("a damaged database is refused and stays as it is", async (t) => {
  const folder = testFolder(t);
  const first = await openKeyspace(folder);
  await first.commit([put("a", "1")]);
  await first.close();
  const database = join(folder, "database");

  const current = readFileSync(join(database, "CURRENT"));
  rmSync(join(database, "CURRENT"));
  const files = readdirSync(database).sort();
  await assert.rejects(openKeyspace(folder), { code: "MOC_DATA_CORRUPT", message: /restore/ });
  assert.deepEqual(readdirSync(database).sort(), files);

  writeFileSync(join(database, "CURRENT"), current);
  const manifest = join(database, String(current).trim());
  const whole = readFileSync(manifest);
  writeFileSync(manifest, Buffer.alloc(whole.length, 0x5a));
  await assert.rejects(openKeyspace(folder), { code: "MOC_DATA_CORRUPT", message: /restore/ });

  rmSync(manifest);
  await assert.rejects(openKeyspace(folder), { code: "MOC_DATA_CORRUPT", message: /restore/ });

  writeFileSync(manifest, whole);
  const second = await openKeyspace(folder);
  t.after(() => second.close());
  assert.equal(get(second, "a"), "1");
});

test("a database with a table that was cut off is refused, and whole again with the whole table", async (t) => {
  const folder = testFolder(t);
  const first = await openKeyspace(folder);
  // Noise, which LevelDB does not compress.
  const noise = randomBytes(200_000);
  await first.commit([{ type: "put", section: "kv", key: textKey("k"), value: noise }]);
  await first.close();
  // Opening writes the log into a table.
  await (await openKeyspace(folder)).close();
  const database = join(folder, "database");
  const table = readdirSync(database).find((name) => name.endsWith(".ldb")) ?? "";
  const content = readFileSync(join(database, table));
  writeFileSync(join(database, table), content.subarray(0, 50_000));

  await assert.rejects(openKeyspace(folder), { code: "MOC_DATA_CORRUPT", message: /restore/ });
  writeFileSync(join(database, table), content);
  const whole = await openKeyspace(folder);
  t.after(() => whole.close());
  assert.equal(whole.get("kv", textKey("k"))?.length, noise.length);
  assert.equal((await whole.read("kv", textKey("k")))?.length, noise.length);
});

test("a database of a newer version is refused, and remains usable for it", async (t) => {
  const folder = testFolder(t);
  await (await openKeyspace(folder)).close();
  const db = new ClassicLevel(join(folder, "database"));
  await db.put("!meta!schema", "99");
  await db.close();
  await assert.rejects(openKeyspace(folder), { code: "MOC_DATA_UNUSABLE", message: /99.*newer/ });
  const again = new ClassicLevel(join(folder, "database"));
  assert.equal(await again.get("!meta!schema"), "99");
  await again.put("!meta!schema", "zero");
  await again.close();
  await assert.rejects(openKeyspace(folder), { code: "MOC_DATA_CORRUPT" });
});

test("a database folder that is empty, or new, is simply filled", async (t) => {
  const folder = testFolder(t);
  mkdirSync(join(folder, "database"));
  const keyspace = await openKeyspace(folder);
  t.after(() => keyspace.close());
  await keyspace.commit([
    { type: "put", section: "names", key: textKey("n"), value: jsonBytes({ n: 1 }) },
  ]);
  assert.ok(keyspace.get("names", textKey("n")));
});
