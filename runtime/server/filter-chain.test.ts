import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { CallStart } from "../core/call.ts";
import { MocError } from "../protocol/errors.ts";
import { TestFront, type TestPlatform } from "./front.fixture.ts";

describe("filters", () => {
  let front: TestFront;
  let platform: TestPlatform;
  before(async () => {
    front = await TestFront.start();
    platform = front.platform;
    platform.on("get", "/f", () => ({ body: Buffer.from("function") }), { data: "plug" });
    platform.on("post", "/f", async (start) => ({ body: await bodyOf(start) }));
    platform.file("/file", "text/css", "a{}");
  });
  after(() => front[Symbol.asyncDispose]());
  beforeEach(() => {
    platform.filterList.length = 0;
    platform.starts.length = 0;
  });

  it("run in order, each with its own data, before functions and files", async () => {
    platform.filter("one", () => ({}), "1");
    platform.filter("two", () => ({ result: 200 }), "2");
    assert.equal((await front.fetch("/f")).text, "function");
    const seen = platform.starts.map((one) => [
      one.name,
      one.trigger,
      one.headers["x-moc-plug-data"],
    ]);
    assert.deepEqual(seen, [
      ["one", "filter", "1"],
      ["two", "filter", "2"],
      ["get /f", "http", "plug"],
    ]);
    assert.equal((await front.fetch("/file")).text, "a{}");
    assert.equal((await front.fetch("/nothing")).status, 404);
    assert.equal(platform.starts.length, 5);
  });

  it("end the request by closing the output, a body, a status, or a result of 300..599", async () => {
    const ends = async (end: object, status: number, text = "") => {
      platform.filterList.length = 0;
      platform.filter("end", () => end);
      const answer = await front.fetch("/f");
      assert.deepEqual([answer.status, answer.text], [status, text]);
    };
    await ends({ closed: true }, 200);
    await ends({ body: Buffer.from("filter") }, 200, "filter");
    await ends({ status: 201 }, 201);
    await ends({ result: 403 }, 403);
    await ends({ result: 299 }, 200, "function");
    await ends({ result: -1 }, 200, "function");
    assert.equal(platform.starts.filter(({ name }) => name === "get /f").length, 2);
  });

  it("that are not there say so, and how to do without them", async () => {
    platform.filter("gone", () => {
      throw new MocError("MOC_NOT_FOUND", "no function is registered under 'gone'");
    });
    const { status, text } = await front.fetch("/f");
    assert.equal(status, 404);
    assert.match(text, /a filter before all functions is missing: no .*'gone'; .*unplug-filter \w/);
  });

  it("pass on headers that they set on the request and on the output", async () => {
    platform.filter("one", () => ({
      inputHeaders: { "x-moc-user": "ann" },
      headers: { "x-one": "1", "x-both": "1" },
    }));
    platform.filter("two", () => ({ headers: { "x-both": "2" } }));
    const answer = await front.fetch("/f", { headers: { "x-moc-user": "spoofed" } });
    assert.equal(platform.starts[2]?.headers["x-moc-user"], "ann");
    assert.deepEqual(platform.starts[1]?.outputHeaders, { "x-one": "1", "x-both": "1" });
    assert.equal(answer.headers["x-one"], "1");
    assert.equal(answer.headers["x-both"], "2");
    const file = await front.fetch("/file");
    assert.equal(file.headers["x-both"], "2");
    assert.equal(file.headers["content-type"], "text/css; charset=utf-8");
  });

  it("read the whole body, a part or nothing, and leave all of it to the next", async () => {
    const body = "0123456789".repeat(40_000);
    const read: number[] = [];
    platform.filter("part", async ({ stream, body }) => {
      read.push((await stream?.read(1000))?.length ?? body?.length ?? -1);
      stream?.close();
      return {};
    });
    platform.filter("all", async (start) => {
      read.push((await bodyOf(start)).length);
      return {};
    });
    platform.filter("none", () => ({}));
    assert.equal((await front.fetch("/f", { method: "POST", body })).text, body);
    assert.deepEqual(read, [1000, body.length]);
    assert.equal((await front.fetch("/f", { method: "POST", body: "small" })).text, "small");
    assert.deepEqual(read.slice(2), [5, 5]);
  });

  it("that fail fail the request, and the function does not run", async () => {
    platform.filter("fails", () => {
      throw new MocError("MOC_GUEST_TRAP", "unreachable");
    });
    const answer = await front.fetch("/f");
    assert.equal(answer.status, 500);
    assert.equal(JSON.parse(answer.text).code, "MOC_GUEST_TRAP");
    assert.equal(platform.starts.length, 1);
  });
});

async function bodyOf({ body, stream }: CallStart): Promise<Uint8Array> {
  if (body) return body;
  const chunks: Uint8Array[] = [];
  for (let chunk = await stream?.read(7000); chunk; chunk = await stream?.read(7000)) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
