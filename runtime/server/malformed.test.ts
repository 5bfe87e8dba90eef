import assert from "node:assert/strict";
import { connect as connectPlain } from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import { TestFront } from "./front.fixture.ts";

describe("malformed and hostile requests", () => {
  let front: TestFront;
  before(async () => {
    front = await TestFront.start();
    front.platform.on("get", "/*path", () => ({ body: Buffer.from("reached") }));
    front.platform.on("post", "/*path", async ({ body, stream }) => {
      let length = body?.length ?? 0;
      for (let part = await stream?.read(9999); part; part = await stream?.read(9999)) {
        length += part.length;
      }
      return { body: Buffer.from(`got ${length}`) };
    });
  });
  after(() => front[Symbol.asyncDispose]());
  beforeEach(() => {
    front.platform.starts.length = 0;
  });

  const refused = async (text: string, status = 400) => {
    const answer = await front.raw(text);
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), JSON.stringify(text.slice(0, 80)));
    assert.match(answer, /"status":false,"code":"MOC_/);
    assert.equal(answer.split("HTTP/1.1").length, 2, "one answer only");
    assert.equal(front.platform.starts.length, 0, "nothing ran");
  };

  it("are answered 400 when they are not http", async () => {
    await refused("nonsense\n\n");
    await refused("GET / HTTP/9.9\nHost: a\n\n");
    await refused("GET / HTTP/1.1\nHost: a\nBad Header: 1\n\n");
    await refused("GET / HTTP/1.1\nHost: a\n continued: 1\n\n");
    await refused("GET / HTTP/1.1\nHost: a\nX: a\u0000b\n\n");
  });

  it("cannot be smuggled: one request is one request", async () => {
    const inner = "GET /smuggled HTTP/1.1\nHost: a\n\n";
    const post = "POST / HTTP/1.1\nHost: a\n";
    await refused(`${post}Content-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n${inner}`);
    await refused(`${post}Content-Length: 5\nContent-Length: 6\n\nabcde${inner}`);
    await refused(
      `${post}Transfer-Encoding: chunked, identity\nConnection: close\n\n0\n\n${inner}`,
    );
    await refused(`${post}Transfer-Encoding: xchunked\nConnection: close\n\n0\n\n${inner}`);
    await refused(`${post}Content-Length: +5\n\nabcde${inner}`);
    await refused(`${post}Content-Length: -1\n\n${inner}`);
    await refused(`${post}Transfer-Encoding : chunked\n\n0\n\n${inner}`);
  });

  it("break off at a bad chunk: what ran sees the end of its input as an error", async () => {
    const answer = await front.raw(
      "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n3\nabc\nzz\nGET /smuggled HTTP/1.1\nHost: a\n\n",
    );
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.deepEqual(
      front.platform.starts.map(({ target }) => target),
      ["POST /"],
    );
  });

  it("need exactly one Host", async () => {
    const none = await front.raw("GET / HTTP/1.1\nConnection: close\n\n");
    assert.match(none, /^HTTP\/1\.1 400 /);
    await refused("GET / HTTP/1.1\nHost: a\nHost: b\nConnection: close\n\n");
  });

  it("are refused when their headers or targets are too much or not paths", async () => {
    await refused(`GET / HTTP/1.1\nHost: a\nX: ${"x".repeat(70_000)}\n\n`, 431);
    const close = "HTTP/1.1\nHost: a\nConnection: close\n\n";
    await refused(`GET /a%zz ${close}`);
    await refused(`GET /a% ${close}`);
    await refused(`GET /a/../b ${close}`);
    await refused(`GET /a/%2E%2e ${close}`);
    await refused(`OPTIONS * ${close}`);
    await refused(`GET ftp://a/ ${close}`);
    assert.equal(await front.raw(`CONNECT a:443 ${close}`), "");
  });

  it("may use an absolute target that agrees with Host", async () => {
    const close = "HTTP/1.1\nHost: a\nConnection: close\n\n";
    assert.match(await front.raw(`GET http://a/x?y ${close}`), /reached/);
    assert.equal(front.platform.starts[0]?.headers["x-moc-url-path"], "/x");
    assert.equal(front.platform.starts[0]?.headers["x-moc-url-query"], "y");
  });

  it("survive names that mean something to JavaScript", async () => {
    const names = "__proto__: 1\nconstructor: 2\ntoString: 3\nhasOwnProperty: 4";
    const answer = await front.raw(`GET /x HTTP/1.1\nHost: a\n${names}\nConnection: close\n\n`);
    assert.match(answer, /reached/);
    assert.equal(front.platform.starts[0]?.headers.constructor, "2");
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });

  it("are told to go on when they ask before sending a body", async () => {
    const head = "POST / HTTP/1.1\nHost: a\nExpect: 100-continue\nConnection: close\n";
    const answer = await front.raw(`${head}Content-Length: 3\n\nabc`);
    assert.match(answer, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK[\s\S]*got 3$/);
    front.platform.limits.set("post /*path", { requestMiB: 1 });
    front.platform.starts.length = 0;
    await refused(`${head}Content-Length: 2000000\n\n`, 413);
    front.platform.limits.clear();
  });

  it("are answered in order when they come at once", async () => {
    const one = "GET /1 HTTP/1.1\nHost: a\n\n";
    const answer = await front.raw(`${one}${one}${one.replace("\n\n", "\nConnection: close\n\n")}`);
    assert.equal(answer.match(/HTTP\/1\.1 200 OK/g)?.length, 3);
  });

  it("are told to write https when they are plain http on the https port", async () => {
    const { port } = front.front.address;
    for (const start of ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\n", "HEAD / "]) {
      for (const host of ["127.0.0.1", "::1"]) {
        const socket = connectPlain({ port, host });
        socket.write(start);
        const answer = Buffer.concat(await socket.toArray()).toString();
        assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
        const wanted = `"MOC_BAD_REQUEST","message":"Port ${port} speaks https: write https://`;
        assert.ok(answer.includes(wanted), answer);
      }
    }
    const noise = connectPlain({ port, host: "127.0.0.1" });
    noise.write("nonsense\n\n");
    assert.doesNotMatch(Buffer.concat(await noise.toArray()).toString(), /HTTP/);
    assert.equal(front.platform.starts.length, 0, "nothing ran");
  });

  it("never leave the front unable to answer", async () => {
    assert.equal((await front.fetch("/fine")).text, "reached");
    assert.deepEqual(front.platform.defects, []);
  });
});
