import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { parseRange } from "./byte-range.ts";
import { TestFront } from "./front.fixture.ts";

describe("files", () => {
  let front: TestFront;
  const content = "0123456789";
  const etag = `"${createHash("sha256").update(content).digest("hex")}"`;
  before(async () => {
    front = await TestFront.start();
    front.platform.file("/digits/", "text/plain", content);
    front.platform.file("/app.wasm", "application/wasm", "");
    front.platform.plugged.push({
      ...{ type: "file", method: "post", host: "", tags: {} },
      ...{ path: "/posted", name: "/digits/" },
    });
  });
  after(() => front[Symbol.asyncDispose]());

  it("are served with type, length and the techID as ETag", async () => {
    const answer = await front.fetch("/digits/");
    assert.equal(answer.status, 200);
    assert.equal(answer.text, content);
    assert.equal(answer.headers["content-type"], "text/plain; charset=utf-8");
    assert.equal(answer.headers["content-length"], "10");
    assert.equal(answer.headers.etag, etag);
    assert.equal(answer.headers["cache-control"], "no-cache");
    assert.equal(answer.headers["accept-ranges"], "bytes");
    assert.equal(answer.headers["x-content-type-options"], "nosniff");
    assert.equal((await front.fetch("/app.wasm")).headers["content-type"], "application/wasm");
  });

  it("are served at exactly their path", async () => {
    assert.equal((await front.fetch("/digits")).status, 404);
    assert.equal((await front.fetch("/digits/index.html")).status, 404);
  });

  it("answer HEAD like GET, without the bytes", async () => {
    const answer = await front.fetch("/digits/", { method: "HEAD" });
    assert.equal(answer.headers["content-length"], "10");
    assert.equal(answer.headers.etag, etag);
    assert.equal(answer.text, "");
  });

  it("are not sent again to who has them", async () => {
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const answer = await front.fetch("/digits/", { headers: { "if-none-match": tag } });
      assert.equal(answer.status, 304, tag);
      assert.equal(answer.headers.etag, etag);
      assert.equal(answer.text, "");
    }
    assert.equal(
      (await front.fetch("/digits/", { headers: { "if-none-match": '"x"' } })).status,
      200,
    );
  });

  it("are sent in part", async () => {
    const part = async (range: string, more = {}) => {
      const answer = await front.fetch("/digits/", { headers: { range, ...more } });
      return [answer.status, answer.text, answer.headers["content-range"]];
    };
    assert.deepEqual(await part("bytes=2-4"), [206, "234", "bytes 2-4/10"]);
    assert.deepEqual(await part("bytes=7-"), [206, "789", "bytes 7-9/10"]);
    assert.deepEqual(await part("bytes=-2"), [206, "89", "bytes 8-9/10"]);
    assert.deepEqual(await part("bytes=0-99"), [206, content, "bytes 0-9/10"]);
    assert.deepEqual(await part("bytes=10-"), [416, "", "bytes */10"]);
    assert.deepEqual(await part("bytes=0-1,3-4"), [200, content, undefined]);
    assert.deepEqual(await part("bytes=2-4", { "if-range": etag }), [206, "234", "bytes 2-4/10"]);
    assert.deepEqual(await part("bytes=2-4", { "if-range": '"old"' }), [200, content, undefined]);
  });

  it("are only read", async () => {
    assert.equal((await front.fetch("/digits/", { method: "POST" })).status, 405);
    const answer = await front.fetch("/posted", { method: "POST" });
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.allow, "GET, HEAD");
  });
});

it("parseRange refuses what is not one byte range", () => {
  for (const header of [
    "",
    "bytes=",
    "bytes=-",
    "bytes=5-2",
    "items=0-1",
    "bytes=a-b",
    "bytes=1",
  ]) {
    assert.equal(parseRange(header, 10), undefined, header);
  }
  assert.equal(parseRange("bytes=-0", 10), "unsatisfiable");
  assert.equal(parseRange("bytes=0-0", 0), "unsatisfiable");
  assert.equal(parseRange("bytes=99999999999999-", 10), "unsatisfiable");
});
