import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { after, before, beforeEach, describe, it } from "node:test";
import type { CallStart } from "../core/call.ts";
import { MocError } from "../protocol/errors.ts";
import { TestFront, type TestPlatform } from "./front.fixture.ts";

const text = (body: string) => ({
  body: Buffer.from(body),
  headers: { "content-type": "text/plain" },
});

describe("http", () => {
  let front: TestFront;
  let platform: TestPlatform;
  before(async () => {
    front = await TestFront.start();
    platform = front.platform;
  });
  after(() => front[Symbol.asyncDispose]());
  beforeEach(() => {
    platform.starts.length = 0;
    platform.plugged.length = 0;
    platform.filterList.length = 0;
  });

  it("answers by the plugged function, with the request's facts as headers", async () => {
    platform.on("get", "/hello/*rest", () => text("hello"), { data: "D" });
    const answer = await front.fetch("/hello/a%20b?x=1%20y", {
      headers: { "X-Own": "1", "X-Moc-Method": "spoofed", "x-moc-path-param-rest": "spoofed" },
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.text, "hello");
    assert.equal(answer.headers["content-length"], "5");
    assert.ok(answer.headers.date);
    const headers = platform.starts[0]?.headers ?? {};
    assert.equal(headers["x-own"], "1");
    assert.equal(headers["x-moc-host"], front.host);
    assert.equal(headers["x-moc-method"], "get");
    assert.equal(headers["x-moc-proto"], "HTTP/1.1");
    assert.match(headers["x-moc-remote-addr"] ?? "", /^(127\.0\.0\.1|\[::1\]):\d+$/);
    assert.equal(headers["x-moc-request-uri"], "/hello/a%20b?x=1%20y");
    assert.equal(headers["x-moc-url-path"], "/hello/a b");
    assert.equal(headers["x-moc-url-query"], "x=1%20y");
    assert.equal(headers["x-moc-path-param-rest"], "a b");
    assert.equal(headers["x-moc-plug-data"], "D");
    assert.equal(platform.starts[0]?.target, "GET /hello/a%20b?x=1%20y");
  });

  it("is the same over plain http", async () => {
    platform.on("get", "/", () => text("plain"));
    assert.equal((await front.fetchPlain("/")).text, "plain");
  });

  it("takes a result of 100..599 as status, an explicit status before it, and 200 otherwise", async () => {
    const status = async (end: object) => {
      platform.plugged.length = 0;
      platform.on("get", "/s", () => end);
      return (await front.fetch("/s")).status;
    };
    assert.equal(await status({ result: 404 }), 404);
    assert.equal(await status({ result: 404, status: 201 }), 201);
    assert.equal(await status({ result: 7 }), 200);
    assert.equal(await status({ result: 101 }), 200);
    assert.equal(await status({ status: 101 }), 500);
    assert.equal(await status({ status: 600 }), 500);
  });

  it("answers 404, or 405 with Allow where other methods are plugged", async () => {
    platform.on("post", "/only-post", () => text(""));
    const none = await front.fetch("/nothing");
    assert.equal(none.status, 404);
    assert.equal(JSON.parse(none.text).status, false);
    assert.equal(JSON.parse(none.text).code, "MOC_NOT_FOUND");
    const other = await front.fetch("/only-post");
    assert.equal(other.status, 405);
    assert.equal(other.headers.allow, "POST");
  });

  it("answers HEAD by the GET plug, without the body", async () => {
    platform.on("get", "/h", () => text("12345"));
    const answer = await front.fetch("/h", { method: "HEAD" });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["content-length"], "5");
    assert.equal(answer.text, "");
    assert.equal(platform.starts[0]?.headers["x-moc-method"], "head");
  });

  it("gives small bodies whole and others as a stream", async () => {
    platform.on("post", "/echo", async (start) => {
      if (start.body) return text(`whole ${start.body.length}`);
      let length = 0;
      for (;;) {
        const chunk = await start.stream?.read(10_000);
        if (!chunk) break;
        assert.ok(chunk.length <= 10_000);
        length += chunk.length;
      }
      return text(`stream ${length}`);
    });
    const post = (body: string, headers = {}) =>
      front.fetch("/echo", { method: "POST", body, headers });
    assert.equal((await post("abc")).text, "whole 3");
    assert.equal((await post("")).text, "stream 0");
    assert.equal((await post("x".repeat(300_000))).text, "stream 300000");
    const chunked = { "transfer-encoding": "chunked" };
    assert.equal((await post("y".repeat(500_000), chunked)).text, "stream 500000");
  });

  it("keeps the connection when nobody reads a long body", async () => {
    platform.on("post", "/deaf", () => text("heard nothing"));
    const peers = new Set<string | undefined>();
    for (const length of [400_000, 10, 2_000_000, 10]) {
      platform.starts.length = 0;
      const body = new Uint8Array(length);
      const answer = await front.fetch("/deaf", {
        method: "POST",
        headers: { "content-length": String(length) },
        body,
      });
      assert.equal(answer.text, "heard nothing");
      peers.add(platform.starts[0]?.headers["x-moc-remote-addr"]);
    }
    assert.equal(peers.size, 1, [...peers].join());
  });

  it("refuses bodies over the function's limit with 413, known before or met on the way", async () => {
    platform.on("post", "/small", async (start) => {
      while (await start.stream?.read(65_536));
      return text("read");
    });
    platform.limits.set("post /small", { requestMiB: 1 });
    const body = "x".repeat(1024 * 1024 + 1);
    const known = await front.fetch("/small", { method: "POST", body });
    assert.equal(known.status, 413);
    assert.equal(JSON.parse(known.text).code, "MOC_TOO_LARGE");
    assert.equal(platform.starts.length, 0);
    const headers = { "transfer-encoding": "chunked" };
    assert.equal((await front.fetch("/small", { method: "POST", body, headers })).status, 413);
    platform.limits.clear();
  });

  it("sends a streamed answer while the call runs", async () => {
    const { promise: seen, resolve: sawFirst } = Promise.withResolvers<void>();
    platform.on("get", "/stream", async ({ sink }) => {
      sink?.start(203, { "content-type": "text/event-stream" });
      await sink?.write(Buffer.from("one"));
      await seen;
      await sink?.write(Buffer.from("two"));
      return { started: true, body: Buffer.from("three") };
    });
    const request = front.request("/stream");
    const received: string[] = [];
    const done = new Promise((resolve) => {
      request.on("response", (response) => {
        assert.equal(response.statusCode, 203);
        response.on("data", (chunk: Buffer) => {
          received.push(chunk.toString());
          sawFirst();
        });
        response.on("end", resolve);
      });
    });
    request.end();
    await done;
    assert.equal(received.join(""), "onetwothree");
    assert.equal(received[0], "one");
  });

  it("makes a fast writer wait for a slow client, and ends its call when the client goes", async () => {
    let written = 0;
    const { promise: ended, resolve } = Promise.withResolvers<unknown>();
    platform.on("get", "/endless", async ({ sink, signal }) => {
      sink?.start(200, { "content-type": "application/octet-stream" });
      try {
        for (;;) {
          await sink?.write(new Uint8Array(65_536));
          written += 65_536;
        }
      } catch (error) {
        resolve([error, signal?.reason]);
        throw error;
      }
    });
    const request = front.request("/endless");
    request.end();
    const [response] = (await once(request, "response")) as [NodeJS.ReadableStream];
    response.pause();
    let before = -1;
    while (before !== written) {
      before = written;
      await new Promise((next) => setTimeout(next, 100));
    }
    assert.ok(written < 32 * 1024 * 1024, `the writer was made to wait at ${written}`);
    request.destroy();
    const [thrown, reason] = (await ended) as [MocError, MocError];
    assert.equal(thrown.code, "MOC_CANCELLED");
    assert.equal(reason.code, "MOC_CANCELLED");
  });

  it("chooses a content type that never is html when the function named none", async () => {
    platform.on("get", "/text", () => ({ body: Buffer.from("<script>é") }));
    platform.on("get", "/bytes", () => ({ body: Buffer.from([0xff, 0xfe, 0x80]) }));
    platform.on("get", "/empty", () => ({}));
    const answer = await front.fetch("/text");
    assert.equal(answer.headers["content-type"], "text/plain; charset=utf-8");
    assert.equal(answer.headers["x-content-type-options"], "nosniff");
    const bytes = await front.fetch("/bytes");
    assert.equal(bytes.headers["content-type"], "application/octet-stream");
    assert.equal((await front.fetch("/empty")).headers["content-type"], undefined);
  });

  it("refuses header injection by guests as their error, and keeps framing to itself", async () => {
    const headers = { "x-a": "1\r\nx-injected: 1", "content-type": "text/plain" };
    platform.on("get", "/crlf", () => ({ body: Buffer.from("b"), headers }));
    platform.on("get", "/name", () => ({ headers: { "x a": "1" } }));
    platform.on("get", "/framing", () => ({
      body: Buffer.from("whole"),
      headers: { "content-length": "2", "transfer-encoding": "chunked", connection: "upgrade" },
    }));
    platform.on("get", "/cookies", () => ({ headers: { "set-cookie": "a=1\nb=2" } }));
    for (const path of ["/crlf", "/name"]) {
      const answer = await front.fetch(path);
      assert.equal(answer.status, 500);
      assert.equal(JSON.parse(answer.text).code, "MOC_GUEST_ERROR");
      assert.equal(answer.headers["x-injected"], undefined);
    }
    const framed = await front.fetch("/framing");
    assert.equal(framed.text, "whole");
    assert.equal(framed.headers["content-length"], "5");
    assert.deepEqual((await front.fetch("/cookies")).headers["set-cookie"], ["a=1", "b=2"]);
  });

  it("refuses headers over the function's limit, which may be raised", async () => {
    platform.on("get", "/headers", () => ({ headers: { "x-long": "x".repeat(70_000) } }));
    const answer = await front.fetch("/headers");
    assert.equal(answer.status, 507);
    assert.match(answer.text, /MOC_LIMIT_RESPONSE.*65536 \(limits\.headersKiB\)/);
    platform.limits.set("get /headers", { headersKiB: 80 });
    const raised = front.request("/headers", { maxHeaderSize: 100_000 }).end();
    const [response] = (await once(raised, "response")) as [IncomingMessage];
    assert.equal(response.headers["x-long"]?.length, 70_000);
    response.resume();
    platform.limits.clear();
  });

  it("tells errors of calls as JSON with their status, without stacks", async () => {
    platform.on("get", "/fails", () => {
      throw new MocError("MOC_LIMIT_TIME", "Took too long.", { guestStack: "at secret.js:1" });
    });
    const answer = await front.fetch("/fails");
    assert.equal(answer.status, 504);
    assert.deepEqual(JSON.parse(answer.text), {
      status: false,
      code: "MOC_LIMIT_TIME",
      message: "Took too long.",
    });
  });

  it("keeps the length that a streamed answer declares, or breaks it off", async () => {
    const stream =
      (length: string, parts: string[]) =>
      async ({ sink }: CallStart) => {
        sink?.start(200, { "content-type": "text/plain", "content-length": length });
        for (const part of parts) await sink?.write(Buffer.from(part));
        return { started: true };
      };
    platform.on("get", "/right", stream("6", ["abc", "def"]));
    platform.on("get", "/long", stream("4", ["abc", "def"]));
    platform.on("get", "/short", stream("7", ["abc", "def"]));
    const right = await front.fetch("/right");
    assert.equal(right.headers["content-length"], "6");
    assert.equal(right.text, "abcdef");
    await assert.rejects(front.fetch("/long"));
    await assert.rejects(front.fetch("/short"));
    assert.deepEqual(platform.defects, []);
  });

  it("waits with the head of a streamed answer for its first bytes when it has no type", async () => {
    platform.on("get", "/late", async ({ sink }) => {
      sink?.start(201, { "x-a": "1" });
      await sink?.write(Buffer.from([0xff]));
      return { started: true };
    });
    platform.on("get", "/none", async ({ sink }) => {
      sink?.start(202, {});
      return { started: true };
    });
    const late = await front.fetch("/late");
    assert.equal(late.status, 201);
    assert.equal(late.headers["content-type"], "application/octet-stream");
    const none = await front.fetch("/none");
    assert.equal(none.status, 202);
    assert.equal(none.headers["content-type"], undefined);
  });

  it("shows guests' stacks to this machine when it traces", async () => {
    await using traced = await TestFront.start({ trace: true });
    traced.platform.on("get", "/fails", () => {
      const position = { file: "a.js", line: 3 };
      throw new MocError("MOC_GUEST_ERROR", "Bad.", { guestStack: "at a.js:3", position });
    });
    const { stack, position } = JSON.parse((await traced.fetch("/fails")).text);
    assert.equal(stack, "at a.js:3");
    assert.deepEqual(position, { file: "a.js", line: 3 });
  });

  it("reports its own defects, and goes on", async () => {
    platform.on("get", "/defect", () => {
      throw new TypeError("a bug");
    });
    const answer = await front.fetch("/defect");
    assert.equal(answer.status, 500);
    assert.equal(JSON.parse(answer.text).code, "MOC_INTERNAL");
    assert.deepEqual(
      platform.defects.splice(0).map(({ message }) => message),
      ["a bug"],
    );
  });

  it("notices a sender that goes away: nothing runs, or its input fails", async () => {
    const { promise: failed, resolve } = Promise.withResolvers<unknown>();
    platform.on("post", "/upload", async ({ stream }) => {
      try {
        while (await stream?.read(65_536));
      } catch (error) {
        resolve(error);
        throw error;
      }
      return text("read");
    });
    const leave = async (length: number) => {
      const headers = { "content-length": String(length) };
      const request = front.request("/upload", { method: "POST", headers });
      request.on("error", () => {});
      await new Promise((sent) => request.write("part", sent));
      const closed = new Promise((resolve) => request.on("close", resolve));
      request.destroy();
      await closed;
    };
    await leave(100);
    await leave(1_000_000);
    assert.equal(((await failed) as MocError).code, "MOC_CANCELLED");
    assert.equal(platform.starts.length, 1);
    assert.deepEqual(platform.defects, []);
  });

  it("breaks an answer off when its call fails on the way", async () => {
    platform.on("get", "/breaks", async ({ sink }) => {
      sink?.start(200, { "content-type": "text/plain" });
      await sink?.write(Buffer.from("some"));
      throw new MocError("MOC_GUEST_TRAP", "unreachable");
    });
    await assert.rejects(front.fetch("/breaks"), /aborted|hang up|ECONNRESET/);
    await assert.doesNotReject(front.fetch("/nothing"));
  });
});
