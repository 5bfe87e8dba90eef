import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { pack as packTar } from "tar-stream";
import { deploy } from "../core/deploy.ts";
import { textKey } from "../core/keyspace.ts";
import type { PlatformState } from "../core/platform-state.ts";
import { StoreArchive } from "./archive.ts";
import { ARCHIVE_LIMITS, readArchive } from "./read-archive.ts";
import { testFolder, testState } from "./test-folder.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

/** In small pieces, as a slow upload comes. */
async function* pieces(whole: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}

async function fill(state: PlatformState): Promise<void> {
  const one = await state.blobs.register("text/javascript", bytes("one"));
  const two = await state.blobs.register("text/javascript", bytes("two ".repeat(100_000)));
  await state.blobs.register("text/plain", bytes(""));
  for (const { techID } of [one, two]) {
    await deploy(state, {
      name: "hello",
      techID,
      settings: { start: "handle", env: { A: "1" } },
      plugs: [
        {
          type: "function",
          method: "get",
          path: "/a/!p",
          name: "hello",
          start_function: "",
          data: "d",
        },
        { type: "file", method: "get", host: "h.example", path: "/f", name: `techID://${techID}` },
      ],
      filters: [{ start_function: "filter", data: "x", order: 3 }],
    });
  }
  await state.kv.batch(
    [
      { key: bytes("key"), value: bytes("value") },
      { key: new Uint8Array([0xff, 0, 1]), value: new Uint8Array(300_000).fill(7) },
    ],
    [],
  );
}

/** Everything that can be told from outside. */
function facts(state: PlatformState) {
  return {
    blobs: [...state.blobs.all()].sort((a, b) => (a.techID < b.techID ? -1 : 1)),
    names: [...state.names.all()],
    plugs: state.plugs.list(),
    filters: state.filters.list(),
    key: state.kv.get(bytes("key")),
    binary: state.kv.get(new Uint8Array([0xff, 0, 1])),
  };
}

test("a backup, made while the platform goes on, restores everything into another", async (t) => {
  const source = await testState(t);
  await fill(source);
  const before = facts(source);
  const stream = new StoreArchive(source).backup()[Symbol.asyncIterator]();
  const first = await stream.next();
  await source.kv.batch([{ key: bytes("key"), value: bytes("later") }], []);
  const rest = await collect({ [Symbol.asyncIterator]: () => stream });
  const backup = Buffer.concat([first.value ?? bytes(""), rest]);

  const folder = testFolder(t);
  const target = await testState(t, folder);
  await target.kv.batch([{ key: bytes("other"), value: bytes("goes") }], []);
  let told = 0;
  const archive = new StoreArchive(target, { afterRestore: async () => void told++ });
  assert.equal(await archive.restore(pieces(backup)), 3 + 1 + 2 + 1 + 2);
  assert.equal(told, 1);
  assert.deepEqual(facts(target), before);
  assert.equal(target.kv.get(bytes("other")), undefined);
  assert.equal(target.plugs.match("GET", "", "/a/1")?.plug.name, "hello");
  const { techID } = target.names.resolve("hello");
  assert.equal(Buffer.from(await target.blobs.bytes(techID)).toString(), "two ".repeat(100_000));
  await target.names.rollback("hello");
  await target.keyspace.close();
  const again = await testState(t, folder);
  assert.equal(again.names.get("hello")?.revision, 3);
});

test("a backup that nobody reads to the end lets go of its snapshot", async (t) => {
  const state = await testState(t);
  await fill(state);
  for await (const _ of new StoreArchive(state).backup()) break;
  await state.kv.batch([{ key: bytes("a"), value: bytes("b") }], []);
});

test("a backup of a blob that the disk damaged is refused, naming it", async (t) => {
  const state = await testState(t);
  await fill(state);
  const { techID } = state.names.resolve("hello");
  const flipped = { type: "put", section: "blob-bytes", key: textKey(techID) } as const;
  await state.keyspace.commit([{ ...flipped, value: bytes("twO") }]);
  await assert.rejects(collect(new StoreArchive(state).backup()), {
    code: "MOC_DATA_CORRUPT",
    message: new RegExp(`blob ${techID} .*earlier backup`),
  });
});

type TarEntry = readonly [header: Record<string, unknown> & { name: string }, content: string];

/** @param entries content is bytes as latin1 text */
async function tarOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const tar = packTar();
  // tar-stream writes the size into the header that it is given.
  for (const [header, content] of entries) tar.entry({ ...header }, Buffer.from(content, "latin1"));
  tar.finalize();
  return gzipSync(await collect(tar as AsyncIterable<Uint8Array>));
}

const FORMAT: TarEntry = [
  { name: "format.json" },
  JSON.stringify({ format: "my-own-cluster-backup", version: 1, at: "" }),
];

/** The entries of a good backup, to be spoilt. */
async function goodEntries(t: TestContext): Promise<TarEntry[]> {
  const state = await testState(t);
  await fill(state);
  const entries: TarEntry[] = [];
  for await (const one of readArchive(new StoreArchive(state).backup())) {
    entries.push([{ name: one.name }, one.bytes.toString("latin1")]);
  }
  return entries;
}

test("hostile and damaged archives are refused, saying which entry, and nothing changes", async (t) => {
  const state = await testState(t);
  await fill(state);
  const before = facts(state);
  const archive = new StoreArchive(state, {
    limits: { ...ARCHIVE_LIMITS, entries: 50, entryBytes: 2 ** 20, ratioFromBytes: 2 ** 20 },
  });
  const good = await goodEntries(t);
  const manifest = good.at(-1);
  assert.ok(manifest && manifest[0].name === "manifest.json");
  const without = (name: string) => good.filter(([header]) => header.name !== name);
  const blob = good.find(([header]) => header.name.startsWith("blobs/"))?.[0].name ?? "";
  const whole = await tarOf(good);
  const spoil = (name: string, content: string) =>
    good.map((one): TarEntry => (one[0].name === name ? [one[0], content] : one));

  const cases: readonly (readonly [string, Promise<Buffer> | Buffer, RegExp])[] = [
    [
      "a symbolic link",
      tarOf([FORMAT, [{ name: "x", type: "symlink", linkname: "/etc" }, ""]]),
      /"x" is a symlink/,
    ],
    [
      "a hard link",
      tarOf([FORMAT, [{ name: "x", type: "link", linkname: "y" }, ""]]),
      /"x" is a link/,
    ],
    ["a folder", tarOf([FORMAT, [{ name: "d/", type: "directory" }, ""]]), /directory/],
    ["a device", tarOf([FORMAT, [{ name: "dev", type: "character-device" }, ""]]), /"dev"/],
    [
      "an absolute path",
      tarOf([FORMAT, [{ name: "/kv/000001.bin" }, ""]]),
      /"\/kv\/000001.bin" does not belong/,
    ],
    [
      "a path upwards",
      tarOf([FORMAT, [{ name: "../kv/1.bin" }, ""]]),
      /"\.\.\/kv\/1.bin" does not belong/,
    ],
    ["dots within", tarOf([FORMAT, [{ name: "kv/../1.bin" }, ""]]), /does not belong/],
    ["no format", tarOf([[{ name: "blob-info/1.json" }, "[]"]]), /this is no backup/],
    ["another format", tarOf([[{ name: "format.json" }, '{"format":"x"}']]), /is of no backup/],
    [
      "a newer format",
      tarOf([
        [{ name: "format.json" }, JSON.stringify({ format: "my-own-cluster-backup", version: 9 })],
      ]),
      /version 9/,
    ],
    ["no manifest", tarOf(good.slice(0, -1)), /manifest is cut off/],
    [
      "a missing blob",
      tarOf(without(blob)),
      /blobs\/.* is in the manifest but not there|bytes of blob .* missing/,
    ],
    ["blob bytes that are others", tarOf(spoil(blob, "x")), /does not have the length|SHA-256/],
    [
      "a name that points nowhere",
      tarOf(
        spoil(
          "names/000001.json",
          JSON.stringify([
            { name: "n", techID: "0".repeat(64), revision: 1, settings: {}, history: [] },
          ]),
        ),
      ),
      /names\/000001.json.*not there/,
    ],
    ["a changed entry", tarOf(spoil("plugs/000001.json", "[]")), /plugs\/000001.json.*hash/],
    [
      "an entry too many",
      tarOf([...good.slice(0, -1), [{ name: "kv/9.bin" }, ""], manifest]),
      /kv\/9.bin.*hash/,
    ],
    [
      "an entry twice",
      tarOf([...good.slice(0, -1), [{ name: "plugs/000001.json" }, "[]"], manifest]),
      /comes twice/,
    ],
    [
      "something behind the manifest",
      tarOf([...good, [{ name: "kv/9.bin" }, ""]]),
      /after the manifest/,
    ],
    [
      "records that are cut off",
      tarOf(spoil("kv/000001.bin", "\x05\x00\x00\x00ab")),
      /kv\/000001.bin.*cut off/,
    ],
    ["bad JSON", tarOf(spoil("names/000001.json", "[{")), /names\/000001.json.*not JSON/],
    [
      "a bad plug",
      tarOf(
        spoil(
          "plugs/000001.json",
          '[{"type":"file","method":"get","host":"","path":"x","name":"n","tags":{}}]',
        ),
      ),
      /plugs\/000001.json.*must start with/,
    ],
    [
      "too many entries",
      tarOf([
        ...good.slice(0, -1),
        ...Array.from({ length: 60 }, (_, i): TarEntry => [{ name: `kv/1${i}.bin` }, ""]),
      ]),
      /one too many/,
    ],
    [
      "an entry that is too large",
      tarOf([FORMAT, [{ name: "kv/1.bin" }, "x".repeat(2 ** 20 + 1)]]),
      /"kv\/1.bin" is over/,
    ],
    [
      "a bomb",
      tarOf([
        FORMAT,
        ...Array.from(
          { length: 20 },
          (_, i): TarEntry => [{ name: `blobs/${i}` }, "\0".repeat(2 ** 20)],
        ),
      ]),
      /300 times its size|is no blob/,
    ],
    ["a cut file", whole.subarray(0, whole.length - 200), /damaged|cut off/],
    ["half a file", whole.subarray(0, whole.length / 2), /damaged|cut off/],
    [
      "no gzip",
      Buffer.from("PK\u0003\u0004 what is this"),
      /neither a backup .* nor an export-database/,
    ],
    ["gzip of something else", gzipSync("hello"), /archive/],
    ["nothing", Buffer.alloc(0), /neither a backup .* nor an export-database/],
  ];
  for (const [title, content, message] of cases) {
    await t.test(title, async () => {
      await assert.rejects(archive.restore(pieces(await content, 4096)), {
        code: "MOC_ARCHIVE",
        message,
      });
      assert.deepEqual(facts(state), before);
    });
  }
  assert.equal(await archive.restore(pieces(whole)), 9, "the good one still works");
});

test("a bomb is noticed while it is read, not when it has filled the memory", async () => {
  const tar = packTar();
  const bomb = Buffer.alloc(64 * 2 ** 20);
  tar.entry({ name: "kv/1.bin" }, bomb);
  tar.finalize();
  const packed = gzipSync(await collect(tar as AsyncIterable<Uint8Array>));
  assert.ok(packed.length < 2 ** 17);
  const limits = { ...ARCHIVE_LIMITS, ratioFromBytes: 2 ** 20 };
  await assert.rejects(collectEntries(readArchive(pieces(packed), limits)), {
    code: "MOC_ARCHIVE",
    message: /300 times/,
  });
});

async function collectEntries(entries: AsyncIterable<unknown>): Promise<unknown[]> {
  const found = [];
  for await (const one of entries) found.push(one);
  return found;
}

test("two restores at once: the second is refused", async (t) => {
  const state = await testState(t);
  await fill(state);
  const archive = new StoreArchive(state);
  const backup = await collect(archive.backup());
  const first = archive.restore(pieces(backup));
  await assert.rejects(archive.restore(pieces(backup)), { code: "MOC_CONFLICT" });
  await first;
});

test("the export has the original's layout, and comes back as what it was", async (t) => {
  const source = await testState(t);
  await fill(source);
  await source.plugs.unplug({ method: "get", host: "h.example", path: "/f" });
  const text = (await collect(new StoreArchive(source).exportDatabase())).toString();
  const values = JSON.parse(text);
  const decoded = (key: string) => Buffer.from(values[key] ?? "", "base64").toString();
  const { techID } = source.names.resolve("hello");
  assert.equal(decoded("/blobs/byname/hello"), techID);
  assert.deepEqual(JSON.parse(decoded(`/blobs/abstract/${techID}`)), {
    content_type: "text/javascript",
    length: 400_000,
  });
  assert.equal(decoded(`/blobs/bytes/${techID}`), "two ".repeat(100_000));
  assert.deepEqual(JSON.parse(decoded("/plug_system/plugs/byspec/get//a/!p")), {
    type: "function",
    name: "hello",
    start_function: "",
    data: "d",
  });
  assert.equal(decoded("/persistencekey"), "value");
  assert.equal(decoded("/database-version"), "1");
  assert.equal(JSON.parse(decoded("/filters"))[0].start_function, "filter");

  const target = await testState(t);
  await new StoreArchive(target).restore(pieces(Buffer.from(text)));
  assert.equal(target.names.resolve("hello").techID, techID);
  assert.equal(target.plugs.match("GET", "", "/a/b")?.params.p, "b");
  assert.deepEqual(target.kv.get(textKey("key")), source.kv.get(textKey("key")));
  assert.equal(target.filters.list()[0]?.data, "x");

  const broken = JSON.stringify({
    ...values,
    "/blobs/byname/x": Buffer.from("no").toString("base64"),
  });
  await assert.rejects(new StoreArchive(target).restore(pieces(Buffer.from(broken))), {
    code: "MOC_ARCHIVE",
    message: /byname\/x/,
  });
  assert.equal(target.names.get("x"), undefined);
});

test("a backup is an ordinary tar.gz", async (t) => {
  const state = await testState(t);
  await fill(state);
  const tar = gunzipSync(await collect(new StoreArchive(state).backup()));
  assert.equal(tar.subarray(257, 262).toString(), "ustar");
  assert.equal(tar.subarray(0, 11).toString(), "format.json");
});
