/**
 * Limits of the platform at their edges, where no other test of the same thing meets them: what is
 * just allowed, and the code of what is one more.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import { testState } from "../storage/test-folder.ts";
import { Events } from "./events.ts";
import type { HostStream } from "./host-stream.ts";
import { JwtVerifier } from "./jwt.ts";
import type { Entry, Keyspace } from "./keyspace.ts";
import { Kv } from "./kv.ts";
import { Logs } from "./logs.ts";
import { callOperations } from "./operations/call.ts";
import { Arguments, pageLimit } from "./operations/operation.ts";
import { parsePattern } from "./path-pattern.ts";
import { parseSettings } from "./settings.ts";
import { Topics } from "./topics.ts";

const TOO_LARGE = { code: "MOC_TOO_LARGE" };
const of = (name: keyof typeof PLATFORM_LIMITS): number => PLATFORM_LIMITS[name].value;

test("batchEntries and batchBytes: what is over them is not written at all", async (t) => {
  const { kv } = await testState(t);
  const value = new Uint8Array(1);
  const keys = Array.from({ length: of("batchEntries") + 1 }, (_, n) => Buffer.from(String(n)));
  const puts = keys.map((key) => ({ key, value }));
  await assert.rejects(kv.batch(puts, []), TOO_LARGE);
  await assert.rejects(kv.batch(puts.slice(1), [Buffer.from("one more")]), TOO_LARGE);
  assert.equal(kv.get(Buffer.from("1")), undefined);
  await kv.batch(puts.slice(1), []);
  assert.equal(kv.get(Buffer.from("1"))?.length, 1);

  const large = new Uint8Array(of("batchBytes") / 4);
  const four = keys.slice(0, 4).map((key) => ({ key, value: large }));
  await assert.rejects(kv.batch(four, []), { ...TOO_LARGE, message: /^the batch has / });
});

test("listBytes: a page that would be larger is refused, a smaller one of the same keys is not", async (t) => {
  const { keyspace } = await testState(t);
  const value = new Uint8Array(of("listBytes") / 8);
  const entries = async function* (): AsyncGenerator<Entry> {
    for (let n = 0; n < 8; n++) yield { key: Buffer.from([n]), value };
  };
  const large: Keyspace = Object.create(keyspace, { entries: { value: entries } });
  const kv = new Kv(large, new Events());
  await assert.rejects(kv.list(new Uint8Array(), undefined, 100), TOO_LARGE);
  assert.equal((await kv.list(new Uint8Array(), undefined, 7)).length, 7);
});

test("listPage: pages of lists", () => {
  const page = (limit: number) => pageLimit(new Arguments({ limit }), 100);
  assert.equal(page(of("listPage")), 1000);
  assert.throws(() => page(of("listPage") + 1), { code: "MOC_BAD_REQUEST", message: /limit/ });
});

test("settingsBytes: settings of a function, its environment included", () => {
  const settings = (length: number) => ({ env: { A: "x".repeat(length) } });
  const rest = JSON.stringify(settings(0)).length;
  parseSettings(settings(of("settingsBytes") - rest));
  assert.throws(() => parseSettings(settings(of("settingsBytes") - rest + 1)), {
    code: "MOC_BAD_REQUEST",
    message: /larger than 262144 bytes/,
  });
});

test("patternLength and patternSegments: paths of plugs", () => {
  const invalid = { code: "MOC_NAME_INVALID" };
  parsePattern(`/${"x".repeat(of("patternLength") - 1)}`);
  assert.throws(() => parsePattern(`/${"x".repeat(of("patternLength"))}`), invalid);
  parsePattern("/a".repeat(of("patternSegments")));
  assert.throws(() => parsePattern("/a".repeat(of("patternSegments") + 1)), invalid);
});

test("logLineBytes: a line is cut between two characters, and says how much is missing", () => {
  const logs = new Logs(new Events());
  logs.add("info", "x".repeat(of("logLineBytes")));
  logs.add("info", "é".repeat(of("logLineBytes")));
  const [whole, cut] = logs.list({ limit: 2 }).map(({ text }) => text);
  assert.equal(whole?.length, of("logLineBytes"));
  assert.equal(cut, `${"é".repeat(4096)}… (8192 bytes more)`);
});

test("topicLength: names of topics", () => {
  const topics = new Topics();
  topics.publish("x".repeat(of("topicLength")), new Uint8Array(1));
  const long = "x".repeat(of("topicLength") + 1);
  assert.throws(() => topics.publish(long, new Uint8Array(1)), { code: "MOC_NAME_INVALID" });
  assert.throws(() => topics.subscribe(long, { bytes: 0 }), { code: "MOC_NAME_INVALID" });
});

test("tokenLength: a token that is longer is not even looked at", async () => {
  const token = "x".repeat(of("tokenLength") + 1);
  await assert.rejects(new JwtVerifier(new Map()).verify(token), /too long/);
});

test("callInputBytes: the input of a call that comes as a stream", async () => {
  const part = new Uint8Array(2 ** 26);
  let closed = false;
  const endless: HostStream = {
    messages: false,
    read: async () => part,
    write: async () => undefined,
    close: () => {
      closed = true;
    },
  };
  const { callFunction } = callOperations({
    run: () => Promise.reject(new Error("nothing is to run")),
  });
  assert.ok(callFunction);
  const called = async () => callFunction(new Arguments({ name: "fn" }), endless);
  await assert.rejects(called(), { ...TOO_LARGE, message: /1073741824/ });
  assert.ok(closed);
});
