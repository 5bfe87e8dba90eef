import assert from "node:assert/strict";
import { test } from "node:test";
import { testState } from "../storage/test-folder.ts";
import { etagOf, type Kv } from "./kv.ts";
import { type KvPageQuery, kvPage } from "./kv-page.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const put = (kv: Kv, ...keys: string[]) =>
  kv.batch(
    keys.map((key) => ({ key: bytes(key), value: bytes(`value of ${key}`) })),
    [],
  );

test("batches are written together; get reads what is on disk", async (t) => {
  const { kv, events } = await testState(t);
  const told = events.subscribe({ kinds: new Set(["kv"]) });
  await put(kv, "a", "b");
  await kv.batch([{ key: bytes("c"), value: bytes("") }], [bytes("a"), bytes("absent")]);
  assert.equal(kv.get(bytes("a")), undefined);
  assert.equal(kv.get(bytes("c"))?.length, 0);
  const seen = await told.next(1000);
  assert.ok(Array.isArray(seen));
  assert.deepEqual(
    seen.map((event) => event.kind === "kv" && `${event.deleted ? "-" : "+"}${event.key}`),
    ["+a", "+b", "+c", "-a", "-absent"],
  );
});

test("keys and values have their limits", async (t) => {
  const { kv } = await testState(t);
  const value = bytes("x");
  await kv.batch([{ key: new Uint8Array(4096), value }], []);
  await assert.rejects(kv.batch([{ key: new Uint8Array(4097), value }], []), {
    code: "MOC_TOO_LARGE",
    message: /4097.*4096/,
  });
  const large = new Uint8Array(32 * 1024 * 1024 + 1);
  await assert.rejects(kv.batch([{ key: bytes("a"), value: large }], []), {
    code: "MOC_TOO_LARGE",
  });
  await assert.rejects(kv.batch([], [new Uint8Array(4097)]), { code: "MOC_TOO_LARGE" });
  assert.equal(kv.get(bytes("a")), undefined);
});

test("a write on condition loses against the one that came first", async (t) => {
  const { kv } = await testState(t);
  const key = bytes("k");
  const first = await kv.putIf(key, bytes("1"), undefined);
  assert.equal(first, etagOf(bytes("1")));
  await assert.rejects(kv.putIf(key, bytes("2"), undefined), { code: "MOC_CONFLICT" });
  const results = await Promise.allSettled(
    ["a", "b", "c"].map((text) => kv.putIf(key, bytes(text), first)),
  );
  assert.deepEqual(
    results.map((result) => result.status),
    ["fulfilled", "rejected", "rejected"],
  );
  await assert.rejects(kv.deleteIf(key, first), { code: "MOC_CONFLICT" });
  await kv.deleteIf(key, etagOf(bytes("a")));
  assert.equal(kv.get(key), undefined);
  await assert.rejects(kv.putIf(key, bytes("b"), "*"), { code: "MOC_CONFLICT" });
  await kv.putIf(key, bytes("b"), undefined);
  await kv.putIf(key, bytes("c"), "*");
  await kv.deleteIf(key, "*");
  await assert.rejects(kv.deleteIf(key, "*"), { code: "MOC_CONFLICT" });
});

test("lists are ascending by bytes and come page by page", async (t) => {
  const { kv } = await testState(t);
  await put(kv, "p/b", "p/a", "p/é", "q", "p", "p/\u{10000}", "p/\uffff");
  const list = async (prefix: string, after: string | undefined, count: number) =>
    (await kv.list(bytes(prefix), after === undefined ? undefined : bytes(after), count)).map(
      ({ key }) => Buffer.from(key).toString(),
    );
  assert.deepEqual(await list("p/", undefined, 2), ["p/a", "p/b"]);
  assert.deepEqual(await list("p/", "p/b", 10), ["p/é", "p/\uffff", "p/\u{10000}"]);
  assert.deepEqual(await list("p/", "a", 1), ["p/a"]);
  assert.deepEqual(await list("", undefined, 0), []);
  assert.deepEqual(await list("none", undefined, 10), []);
});

async function pages(kv: Kv, query: Partial<KvPageQuery>): Promise<string[][]> {
  const found: string[][] = [];
  let after: string | undefined;
  do {
    const page = await kvPage(kv, { prefix: "", limit: 2, ...query, after });
    found.push([...page.prefixes, ...page.entries.map((entry) => entry.key)].sort());
    after = page.next;
  } while (after !== undefined);
  return found;
}

test("pages for people: grouped by a delimiter, without a double, to the end", async (t) => {
  const { kv } = await testState(t);
  await put(kv, "a", "b/1", "b/2", "b/c/3", "b", "d/1", "e");
  assert.deepEqual(await pages(kv, { delimiter: "/" }), [["a", "b"], ["b/", "d/"], ["e"]]);
  assert.deepEqual(await pages(kv, { delimiter: "/", prefix: "b/" }), [["b/1", "b/2"], ["b/c/"]]);
  assert.deepEqual(await pages(kv, {}), [["a", "b"], ["b/1", "b/2"], ["b/c/3", "d/1"], ["e"]]);
  assert.deepEqual(await pages(kv, { prefix: "none" }), [[]]);
});

test("keys that are no text are shown, and paging goes past them", async (t) => {
  const { kv } = await testState(t);
  const odd = [new Uint8Array([0xff]), new Uint8Array([0xff, 1]), new Uint8Array([0xfe, 2])];
  await kv.batch(
    odd.map((key) => ({ key, value: key })),
    [],
  );
  await put(kv, "a");
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await kvPage(kv, { prefix: "", limit: 1, after });
    seen.push(...page.entries.map((entry) => entry.key_base64));
    after = page.next;
  } while (after !== undefined);
  assert.deepEqual(seen, ["YQ", "_gI", "_w", "_wE"]);
  const { entries } = await kvPage(kv, { prefix: "a", limit: 1 });
  assert.equal(Buffer.from(entries[0]?.head_base64 ?? "", "base64").toString(), "value of a");
});

test("a page of a large store reads no more than the page", async (t) => {
  const { kv } = await testState(t);
  const value = new Uint8Array(10);
  for (let part = 0; part < 5; part++) {
    const puts = Array.from({ length: 10_000 }, (_, i) => ({
      key: bytes(`${part}/${String(i).padStart(6, "0")}`),
      value,
    }));
    await kv.batch(puts, []);
  }
  const page = await kvPage(kv, { prefix: "", limit: 100, delimiter: "/" });
  assert.deepEqual(page.prefixes, ["0/", "1/", "2/", "3/", "4/"]);
  assert.deepEqual(page.entries, []);
  assert.equal((await kv.list(bytes("3/"), bytes("3/009990"), 1000)).length, 9);
});
