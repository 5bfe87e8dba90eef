import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { WebSocketServer } from "ws";
import type { HostStream } from "../core/host-stream.ts";
import type { OutboundOptions, OutboundRequest } from "../core/outbound-client.ts";
import type { ErrorCode } from "../protocol/errors.ts";
import { createCertificate } from "./create-certificate.ts";
import { Outbound } from "./outbound.ts";
import { isPublicAddress } from "./public-address.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

describe("outbound", () => {
  const handlers = new Map<string, Handler>();
  const seen: IncomingMessage[] = [];
  let server: Server;
  let port: number;
  let ca: string;
  let secure: Server;
  const handle: Handler = (request, response) => {
    seen.push(request);
    const path = request.url?.split("?", 1)[0] ?? "";
    const handler = handlers.get(path);
    if (handler) handler(request, response);
    else response.writeHead(404).end(`nothing at ${path}`);
  };

  before(async () => {
    server = createServer(handle);
    const sockets = new WebSocketServer({ server });
    sockets.on("connection", (socket, request) => {
      socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
      socket.send(`hello ${request.headers["x-own"]}`);
    });
    const made = await createCertificate(["localhost"]);
    ca = made.cert;
    secure = createHttpsServer(made, handle);
    await Promise.all([listening(server), listening(secure)]);
    port = portOf(server);
  });
  after(() => {
    for (const one of [server, secure]) {
      one.closeAllConnections();
      one.close();
    }
  });

  const client = (allow: readonly string[], more: { ca?: string[]; ownPorts?: number[] } = {}) =>
    new Outbound({ allow, ca: more.ca ?? [], ownPorts: () => more.ownPorts ?? [] });
  const options = (more: Partial<OutboundOptions> = {}): OutboundOptions => ({
    allow: [],
    timeoutMs: 5000,
    signal: new AbortController().signal,
    ...more,
  });
  const get = (url: string, more: Partial<OutboundRequest> = {}): OutboundRequest => ({
    method: "get",
    url,
    headers: {},
    redirect: true,
    ...more,
  });
  const rejects = (promise: Promise<unknown>, code: ErrorCode, message = /./) =>
    assert.rejects(promise, (error: Error & { code?: string }) => {
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      return true;
    });

  it("knows the public internet from everything else", () => {
    for (const address of ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8"]) {
      assert.equal(isPublicAddress(address), true, address);
    }
    const others =
      "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 ::1 :: fe80::1 fc00::1 ff02::1 ::ffff:127.0.0.1 ::ffff:a00:1 64:ff9b::7f00:1 2002:7f00:1:: ::127.0.0.1 localhost";
    for (const address of others.split(" ")) assert.equal(isPublicAddress(address), false, address);
  });

  it("denies private addresses in all their spellings, and says how to allow them", async () => {
    const outbound = client([]);
    const spellings = [
      "127.0.0.1",
      "0x7f.1",
      "2130706433",
      "0177.0.0.1",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "[::ffff:7f00:1]",
      "169.254.169.254",
      "0.0.0.0",
      "localhost",
      "LOCALHOST.",
    ];
    for (const host of spellings) {
      await rejects(
        outbound.request(get(`http://${host}:${port}/`), options()),
        "MOC_OUTBOUND_DENIED",
        /--allow-outbound .+:\d+/,
      );
    }
    assert.equal(seen.length, 0);
    outbound.close();
  });

  it("allows what the platform or the function lists: names, ports, subdomains, everything", async () => {
    handlers.set("/", (_, response) => response.end("here"));
    const status = async (allow: string[], own: string[], host = "localhost") => {
      const outbound = client(allow);
      try {
        const url = `http://${host}:${port}/`;
        const answer = await outbound.request(get(url), options({ allow: own }));
        return `${answer.status} ${await readAll(answer.body)}`;
      } catch (error) {
        return (error as { code: string }).code;
      } finally {
        outbound.close();
      }
    };
    assert.equal(await status(["localhost"], []), "200 here");
    assert.equal(await status([`localhost:${port}`], []), "200 here");
    assert.equal(await status([], [`LOCALHOST:${port}`]), "200 here");
    assert.equal(await status(["*"], []), "200 here");
    assert.equal(await status(["127.0.0.1"], [], "127.0.0.1"), "200 here");
    assert.equal(await status(["*.localhost"], []), "MOC_OUTBOUND_DENIED");
    assert.equal(await status([`localhost:${port + 1}`], []), "MOC_OUTBOUND_DENIED");
    assert.equal(await status(["127.0.0.1"], []), "MOC_OUTBOUND_DENIED");
    assert.throws(() => client(["http://x"]), /is not HOST or HOST:PORT/);
    assert.throws(() => client(["localhost:99999"]), /is not HOST or HOST:PORT/);
  });

  it("lets nobody reach the platform's own port by a list entry without that port", async () => {
    handlers.set("/", (_, response) => response.end("admin"));
    for (const allow of [["localhost"], ["*"]]) {
      const outbound = client(allow, { ownPorts: [port] });
      await rejects(
        outbound.request(get(`http://localhost:${port}/`), options()),
        "MOC_OUTBOUND_DENIED",
      );
      outbound.close();
    }
    const outbound = client([`localhost:${port}`], { ownPorts: [port] });
    assert.equal((await outbound.request(get(`http://localhost:${port}/`), options())).status, 200);
    outbound.close();
  });

  it("does not lend a listed host's connection to a function that may not use it", async () => {
    handlers.set("/", (_, response) => response.end("here"));
    const outbound = client([]);
    const url = `http://localhost:${port}/`;
    const answer = await outbound.request(get(url), options({ allow: ["localhost"] }));
    await readAll(answer.body);
    await rejects(outbound.request(get(url), options()), "MOC_OUTBOUND_DENIED");
    outbound.close();
  });

  it("checks every redirect, and follows no more than ten", async () => {
    const to =
      (location: string): Handler =>
      (_, response) => {
        response.writeHead(302, { location }).end();
      };
    handlers.set("/private", to(`http://127.0.0.1:${port}/`));
    handlers.set("/file", to("file:///etc/passwd"));
    handlers.set("/loop", to("/loop"));
    const outbound = client(["localhost"]);
    const origin = `http://localhost:${port}`;
    await rejects(outbound.request(get(`${origin}/private`), options()), "MOC_OUTBOUND_DENIED");
    await rejects(outbound.request(get(`${origin}/file`), options()), "MOC_OUTBOUND_FAILED");
    seen.length = 0;
    await rejects(outbound.request(get(`${origin}/loop`), options()), "MOC_OUTBOUND_FAILED");
    assert.equal(seen.length, 11);
    const kept = await outbound.request(get(`${origin}/loop`, { redirect: false }), options());
    assert.equal(kept.status, 302);
    assert.equal(kept.headers.location, "/loop");
    outbound.close();
  });

  it("follows redirects as fetch does: methods, bodies, and secrets of one origin", async () => {
    handlers.set("/see", (_, response) => response.writeHead(303, { location: "/end" }).end());
    handlers.set("/keep", (_, response) => response.writeHead(307, { location: "/end" }).end());
    handlers.set("/away", (_, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${port}/end` }).end(),
    );
    handlers.set("/end", async (request, response) => {
      const body = await request.toArray();
      const { authorization = "none" } = request.headers;
      response.end(`${request.method} ${authorization} ${Buffer.concat(body)}`);
    });
    const outbound = client(["localhost", "127.0.0.1"]);
    const end = async (path: string, body?: Uint8Array | HostStream) => {
      const url = `http://localhost:${port}${path}`;
      const headers = { Authorization: "secret" };
      const request = get(url, { method: "post", headers, body });
      return readAll((await outbound.request(request, options())).body);
    };
    const body = Buffer.from("body");
    assert.equal(await end("/see", body), "GET secret ");
    assert.equal(await end("/keep", body), "POST secret body");
    assert.equal(await end("/away", body), "GET none ");
    await rejects(end("/keep", streamOf(["body"])), "MOC_OUTBOUND_FAILED", /cannot be sent twice/);
    outbound.close();
  });

  it("sends what stands before the host as credentials, escapes or not", async () => {
    handlers.set("/who", (request, response) => response.end(request.headers.authorization));
    const outbound = client(["localhost"]);
    for (const [written, meant] of [
      ["a%40b:c", "a@b:c"],
      ["a%zz:%ff", "a%zz:%ff"],
    ] as const) {
      const url = `http://${written}@localhost:${port}/who`;
      const answer = await outbound.request(get(url), options());
      const [, value = ""] = (await readAll(answer.body)).split(" ");
      assert.equal(Buffer.from(value, "base64").toString(), meant);
    }
    outbound.close();
  });

  it("sends bodies whole or streamed, and never the guest's Host or framing", async () => {
    handlers.set("/echo", (request, response) => {
      response.writeHead(418, {
        "set-cookie": ["a=1", "b=2"],
        "x-host": request.headers.host ?? "",
      });
      request.pipe(response);
    });
    const outbound = client(["localhost"]);
    const headers = { Host: "evil", "Content-Length": "3", "Transfer-Encoding": "x", "X-A": "1" };
    for (const body of [Buffer.from("abcdef"), streamOf(["abc", "def"])]) {
      const url = `http://localhost:${port}/echo`;
      const answer = await outbound.request(get(url, { method: "POST", headers, body }), options());
      assert.equal(answer.status, 418);
      assert.equal(answer.headers["x-host"], `localhost:${port}`);
      assert.equal(answer.headers["set-cookie"], "a=1\nb=2");
      assert.equal(await readAll(answer.body), "abcdef");
    }
    assert.equal(seen.at(-1)?.headers["x-a"], "1");
    outbound.close();
  });

  it("decodes what servers compress, and says so by its headers", async () => {
    handlers.set("/gzip", (_, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("zipped")),
    );
    handlers.set("/br", (_, response) =>
      response.writeHead(200, { "content-encoding": "br" }).end(brotliCompressSync("brotli")),
    );
    handlers.set("/cut", (_, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("cut").subarray(0, 12)),
    );
    const outbound = client(["localhost"]);
    for (const [path, text] of [
      ["/gzip", "zipped"],
      ["/br", "brotli"],
    ]) {
      const answer = await outbound.request(get(`http://localhost:${port}${path}`), options());
      assert.equal(await readAll(answer.body), text);
      assert.equal(answer.headers["content-encoding"], undefined);
      assert.equal(answer.headers["content-length"], undefined);
    }
    const cut = await outbound.request(get(`http://localhost:${port}/cut`), options());
    await rejects(readAll(cut.body), "MOC_OUTBOUND_FAILED");
    const head = get(`http://localhost:${port}/gzip`, { method: "HEAD" });
    assert.equal(await readAll((await outbound.request(head, options())).body), "");
    outbound.close();
  });

  it("fails clearly: silence, refusal, broken answers, bad arguments, a caller that left", async () => {
    handlers.set("/silent", () => {});
    handlers.set("/broken", (_, response) => {
      response.writeHead(200, { "content-length": "10" });
      response.write("half");
      setImmediate(() => response.destroy());
    });
    const outbound = client(["localhost", "127.0.0.1", "nowhere.invalid"]);
    const url = (path: string) => `http://localhost:${port}${path}`;
    const send = (to: string, more = {}) => outbound.request(get(to), options(more));
    await rejects(send(url("/silent"), { timeoutMs: 30 }), "MOC_LIMIT_TIME");
    const abort = new AbortController();
    const waiting = send(url("/silent"), { signal: abort.signal });
    abort.abort();
    await rejects(waiting, "MOC_CANCELLED");
    await rejects(send("http://127.0.0.1:1/"), "MOC_OUTBOUND_FAILED");
    await rejects(send("http://nowhere.invalid/"), "MOC_OUTBOUND_FAILED");
    await rejects(readAll((await send(url("/broken"))).body), "MOC_OUTBOUND_FAILED");
    await rejects(send("file:///etc/passwd"), "MOC_BAD_REQUEST");
    await rejects(send("not a url"), "MOC_BAD_REQUEST");
    const bad = (more: Partial<OutboundRequest>) =>
      outbound.request(get(url("/"), more), options());
    await rejects(bad({ method: "CONNECT" }), "MOC_BAD_REQUEST");
    await rejects(bad({ method: "GET\r\nX: 1" }), "MOC_BAD_REQUEST");
    await rejects(bad({ headers: { "x-a": "1\r\nx-b: 2" } }), "MOC_BAD_REQUEST");
    outbound.close();
  });

  it("verifies certificates, with further authorities where the operator names them", async () => {
    handlers.set("/", (_, response) => response.end("secure"));
    const url = `https://localhost:${portOf(secure)}/`;
    const strict = client(["localhost"]);
    await rejects(strict.request(get(url), options()), "MOC_OUTBOUND_FAILED", /self-signed/);
    const trusting = client(["localhost"], { ca: [ca] });
    assert.equal(await readAll((await trusting.request(get(url), options())).body), "secure");
    strict.close();
    trusting.close();
  });

  it("opens websockets under the same policy", async () => {
    const outbound = client(["localhost"]);
    const headers = { "X-Own": "me", Host: "evil", "Sec-WebSocket-Key": "guest" };
    const url = `ws://localhost:${port}/`;
    const stream = await outbound.webSocket(url, headers, options());
    assert.equal(stream.messages, true);
    assert.equal(String(await stream.read(10)), "hello me");
    await stream.write(Buffer.from("echo"));
    assert.equal(String(await stream.read(10)), "echo");
    stream.close();
    assert.equal(await stream.read(10), undefined);
    await rejects(stream.write(Buffer.from("late")), "MOC_CANCELLED");
    await rejects(
      outbound.webSocket(`ws://127.0.0.1:${port}/`, {}, options()),
      "MOC_OUTBOUND_DENIED",
    );
    await rejects(
      outbound.webSocket(`wss://localhost:${portOf(secure)}/`, {}, options()),
      "MOC_OUTBOUND_FAILED",
    );
    outbound.close();
  });
});

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, "localhost", resolve));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function readAll(stream: HostStream): Promise<string> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await stream.read(4); chunk; chunk = await stream.read(4)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function streamOf(parts: readonly string[]): HostStream {
  const left = parts.map((part) => Buffer.from(part));
  return {
    messages: false,
    read: async () => left.shift(),
    write: async () => {},
    close: () => {},
  };
}
