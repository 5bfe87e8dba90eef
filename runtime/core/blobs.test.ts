import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { testState } from "../storage/test-folder.ts";
import { Blobs } from "./blobs.ts";
import { readableStream } from "./operations/operation.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("a blob is named by its SHA-256 and stored once", async (t) => {
  const { blobs } = await testState(t);
  const [one, same] = await Promise.all([
    blobs.register("text/plain", bytes("hello")),
    blobs.register("text/plain", bytes("hello")),
  ]);
  assert.deepEqual(one, same);
  assert.equal(one.techID, hash("sha256", "hello", "hex"));
  assert.equal(one.length, 5);
  assert.equal(blobs.count, 1);
  assert.equal(Buffer.from(await blobs.bytes(one.techID)).toString(), "hello");
  await assert.rejects(blobs.bytes("0".repeat(64)), { code: "MOC_NOT_FOUND", message: /0{64}/ });
});

test("a stream becomes the same blob as its bytes", async (t) => {
  const { blobs } = await testState(t);
  const content = Buffer.alloc(1_000_000, "abc");
  const whole = await blobs.register("text/plain", content);
  async function* parts() {
    for (let at = 0; at < content.length; at += 77_777) yield content.subarray(at, at + 77_777);
  }
  const streamed = await blobs.registerStream("text/plain", readableStream(parts()));
  assert.deepEqual(streamed, whole);
});

test("the latest content type holds, but a function stays a function", async (t) => {
  const { blobs } = await testState(t);
  const type = async (contentType: string) =>
    (await blobs.register(contentType, bytes("x"))).contentType;
  assert.equal(await type("text/plain"), "text/plain");
  assert.equal(await type("text/css"), "text/css");
  assert.equal(await type("text/javascript"), "text/javascript");
  assert.equal(await type("text/plain"), "text/javascript");
});

test("what is too large or has no content type is refused", async (t) => {
  const { keyspace } = await testState(t);
  const blobs = new Blobs(keyspace, { maxBytes: 10 });
  await assert.rejects(blobs.register("text/plain", bytes("12345678901")), {
    code: "MOC_TOO_LARGE",
  });
  await assert.rejects(blobs.registerStream("text/plain", readableStream(bytes("12345678901"))), {
    code: "MOC_TOO_LARGE",
  });
  for (const bad of ["", "text", "text/plain\r\nx: y", "a b/c", "text/"]) {
    await assert.rejects(blobs.register(bad, bytes("x")), { code: "MOC_BAD_REQUEST" }, bad);
  }
  assert.equal(blobs.count, 0);
});
