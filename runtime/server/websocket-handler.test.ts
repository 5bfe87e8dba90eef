import assert from "node:assert/strict";
import { once } from "node:events";
import { after, afterEach, before, describe, it } from "node:test";
import type { WebSocket } from "ws";
import { MocError } from "../protocol/errors.ts";
import { TestFront, type TestPlatform, TOKEN } from "./front.fixture.ts";

describe("websockets", () => {
  let front: TestFront;
  let platform: TestPlatform;
  before(async () => {
    front = await TestFront.start();
    platform = front.platform;
    platform.on("get", "/echo/*room", async ({ stream, outputStream }) => {
      for (let message = await stream?.read(1); message; message = await stream?.read(1)) {
        await outputStream?.write(message);
      }
      return {};
    });
  });
  after(() => front[Symbol.asyncDispose]());
  afterEach(() => {
    platform.filterList.length = 0;
  });

  const refused = async (path: string, headers = {}) => {
    const socket = front.socket(path, headers);
    const [, response] = await once(socket, "unexpected-response");
    const body = Buffer.concat(await response.toArray()).toString();
    return { status: response.statusCode, headers: response.headers, body };
  };

  it("are one call: each read a message, each write a message of the kind received last", async () => {
    const socket = front.socket("/echo/a?x=1", { "x-own": "1" });
    await once(socket, "open");
    assert.deepEqual(await exchange(socket, "text é"), ["text é", false]);
    assert.deepEqual(await exchange(socket, Buffer.from([1, 255])), ["\u0001\ufffd", true]);
    assert.deepEqual(await exchange(socket, ""), ["", false]);
    const start = platform.starts.at(-1);
    assert.equal(start?.trigger, "websocket");
    assert.equal(start?.target, "GET /echo/a?x=1");
    assert.equal(start?.headers["x-own"], "1");
    assert.equal(start?.headers["x-moc-method"], "get");
    assert.equal(start?.headers["x-moc-path-param-room"], "a");
    socket.close(1000);
    const [code] = await once(socket, "close");
    assert.equal(code, 1000);
  });

  it("send text first if it is text, and bytes that are not text always as bytes", async () => {
    platform.on("get", "/speak", async ({ outputStream }) => {
      await outputStream?.write(Buffer.from("text"));
      await outputStream?.write(new Uint8Array([255]));
      return { body: Buffer.from("last") };
    });
    const socket = front.socket("/speak");
    const kinds: unknown[] = [];
    socket.on("message", (data, isBinary) => kinds.push([String(data), isBinary]));
    const [code] = await once(socket, "close");
    assert.deepEqual(kinds, [
      ["text", false],
      ["\ufffd", true],
      ["last", false],
    ]);
    assert.equal(code, 1000);
  });

  it("close with 1011 and the reason when their call fails", async () => {
    platform.on("get", "/fails", () => {
      throw new MocError("MOC_GUEST_TRAP", `unreachable ${"é".repeat(200)}`);
    });
    const socket = front.socket("/fails");
    const [code, reason] = await once(socket, "close");
    assert.equal(code, 1011);
    assert.match(String(reason), /^MOC_GUEST_TRAP: unreachable é+$/);
  });

  it("tell their call that the peer left", async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    platform.on("get", "/left", async ({ stream, outputStream }) => {
      assert.equal(await stream?.read(1), undefined);
      await outputStream?.write(Buffer.from("late")).catch(resolve);
      return {};
    });
    const socket = front.socket("/left");
    await once(socket, "open");
    socket.terminate();
    assert.equal(((await promise) as MocError).code, "MOC_CANCELLED");
  });

  it("are refused where nothing, or a file, is plugged", async () => {
    platform.file("/page", "text/html", "page");
    assert.equal((await refused("/nothing")).status, 404);
    assert.equal((await refused("/page")).status, 400);
  });

  it("are refused to pages of other origins, unless the plug says otherwise", async () => {
    platform.on("get", "/open", () => ({}), { tags: { "websocket-origin": "any" } });
    const evil = { origin: "https://evil.example" };
    const answer = await refused("/echo/a", evil);
    assert.equal(answer.status, 403);
    assert.equal(JSON.parse(answer.body).code, "MOC_FORBIDDEN");
    assert.equal((await refused("/echo/a", { origin: "null" })).status, 403);
    const open = front.socket("/open", evil);
    await once(open, "open");
    const own = front.socket("/echo/a", { origin: `https://${front.host}` });
    await once(own, "open");
    open.terminate();
    own.terminate();
  });

  it("pass the filters first, which may answer instead", async () => {
    platform.filter("deny", () => ({
      result: 403,
      body: Buffer.from("no entry"),
      headers: { "x-why": "closed", "x-bad": "1\r\nx-injected: 1" },
    }));
    const answer = await refused("/echo/a");
    assert.equal(answer.status, 403);
    assert.equal(answer.body, "no entry");
    assert.equal(answer.headers["x-why"], "closed");
    assert.equal(answer.headers["x-injected"], undefined);
    platform.filterList.length = 0;
    platform.filter("user", () => ({ inputHeaders: { "x-moc-user": "ann" } }));
    const socket = front.socket("/echo/a");
    await once(socket, "open");
    assert.equal(platform.starts.at(-1)?.headers["x-moc-user"], "ann");
    socket.terminate();
  });

  it("of the platform itself need the token", async () => {
    platform.on("get", "/my-own-cluster/live", () => ({}));
    assert.equal((await refused("/my-own-cluster/live")).status, 401);
    const socket = front.socket("/my-own-cluster/live", { authorization: `Bearer ${TOKEN}` });
    await once(socket, "open");
    socket.terminate();
  });

  it("refuse messages over the limit", async () => {
    const socket = front.socket("/echo/a");
    await once(socket, "open");
    socket.send(Buffer.alloc(16 * 1024 * 1024 + 1));
    const [code] = await once(socket, "close");
    assert.equal(code, 1009);
  });

  it("make a fast peer wait for a slow reader", async () => {
    const { promise: go, resolve: start } = Promise.withResolvers<void>();
    // More than all buffers on the way can hold.
    const MESSAGES = 800;
    let received = 0;
    platform.on("get", "/slow", async ({ stream }) => {
      await go;
      while (received < MESSAGES && (await stream?.read(1))) received++;
      return {};
    });
    const socket = front.socket("/slow");
    await once(socket, "open");
    for (let i = 0; i < MESSAGES; i++) socket.send(Buffer.alloc(32 * 1024));
    let unsent = -1;
    while (unsent !== socket.bufferedAmount) {
      unsent = socket.bufferedAmount;
      await new Promise((next) => setTimeout(next, 100));
    }
    assert.ok(unsent > 8 * 1024 * 1024, `${unsent} bytes wait at the sender`);
    start();
    await once(socket, "close");
    assert.equal(received, MESSAGES);
  });

  it("end when their peer does not answer pings", async () => {
    await using quick = await TestFront.start({ pingMs: 20 });
    const { promise, resolve } = Promise.withResolvers<void>();
    quick.platform.on("get", "/", async ({ stream }) => {
      while (await stream?.read(1));
      resolve();
      return {};
    });
    const socket = quick.socket("/");
    await once(socket, "open");
    // A peer that is gone without a word: nothing is read, so nothing is answered.
    socket.pause();
    await promise;
    socket.terminate();
  });
});

async function exchange(socket: WebSocket, message: string | Buffer): Promise<[string, boolean]> {
  socket.send(message);
  const [data, isBinary] = await once(socket, "message");
  return [String(data), isBinary];
}
