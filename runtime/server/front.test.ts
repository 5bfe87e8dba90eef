import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:https";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { connect } from "node:tls";
import type { CallerSignal, CallStart } from "../core/call.ts";
import type { MocError } from "../protocol/errors.ts";
import { createCertificate } from "./create-certificate.ts";
import { TestFront, TestPlatform, TOKEN, testCertificate } from "./front.fixture.ts";
import { createFront } from "./front.ts";

describe("front", () => {
  it("listens on this machine only, by both families, with TLS 1.2 or later", async () => {
    await using front = await TestFront.start();
    const { port, url } = front.front.address;
    assert.equal(url, `https://localhost:${port}`);
    for (const host of ["127.0.0.1", "::1"]) {
      const socket = connect({ host, port, ca: front.cert, servername: "localhost" });
      await once(socket, "secureConnect");
      assert.match(socket.getProtocol() ?? "", /^TLSv1\.[23]$/);
      socket.destroy();
    }
    const old = connect({ port, ca: front.cert, minVersion: "TLSv1", maxVersion: "TLSv1.1" });
    await once(old, "error");
  });

  const reason = "only Linux has further loopback addresses without set-up";
  it("binds one address and is administered by it", {
    skip: process.platform === "linux" ? false : reason,
  }, async () => {
    const bind = "127.0.0.2";
    const made = await createCertificate([bind]);
    const options = { port: 0, ...made, bind, adminToken: TOKEN };
    const front = createFront(options, new TestPlatform());
    const { url, port } = await front.listen();
    assert.equal(url, `https://127.0.0.2:${port}`);
    const headers = { authorization: `Bearer ${TOKEN}` };
    const [answer] = await once(
      request(`${url}/my-own-cluster/x`, { ca: made.cert, headers, agent: false }).end(),
      "response",
    );
    assert.equal(answer.statusCode, 404);
    answer.resume();
    await front.close();
  });

  for (const port of [0, 40_443]) {
    it(`refuses an address of another machine, port ${port}`, async () => {
      const { key, cert } = await testCertificate();
      // 192.0.2.0/24 is for documentation: no machine has such an address.
      const options = { port, bind: "192.0.2.1", key, cert, adminToken: TOKEN };
      const front = createFront(options, new TestPlatform());
      await assert.rejects(front.listen(), {
        message: "192.0.2.1 is no address of this machine; start with another --host.",
      });
      await front.close();
    });
  }

  it("says in one sentence that its port is taken, and leaves nothing open", async () => {
    const other = createServer().listen(0, "::1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    const { key, cert } = await testCertificate();
    const front = createFront({ port, key, cert, adminToken: TOKEN }, new TestPlatform());
    await assert.rejects(front.listen(), (error: MocError) => {
      assert.equal(error.code, "MOC_PORT_IN_USE");
      assert.match(error.message, new RegExp(`port ${port};.*--port`));
      return true;
    });
    other.close();
    await once(other, "close");
    const second = createFront({ port, key, cert, adminToken: TOKEN }, new TestPlatform());
    assert.equal((await second.listen()).port, port);
    await second.close();
  });

  it("says that a key and a certificate do not belong together", async () => {
    const [{ key }, { cert }] = await Promise.all([createCertificate(["a"]), testCertificate()]);
    const options = { port: 0, adminToken: TOKEN };
    for (const pair of [
      { key, cert },
      { key: "no key", cert },
    ]) {
      const front = createFront({ ...options, ...pair }, new TestPlatform());
      await assert.rejects(front.listen(), { code: "MOC_BAD_REQUEST" });
    }
  });

  it("frees the https port when the http port is taken", async () => {
    await using first = await TestFront.start();
    const { key, cert } = await testCertificate();
    const httpPort = first.front.address.httpPort;
    const options = { port: 0, httpPort, key, cert, adminToken: TOKEN };
    await assert.rejects(createFront(options, new TestPlatform()).listen(), /Another program/);
  });

  it("lets running calls finish when it closes, and takes no new ones", async () => {
    const front = await TestFront.start({ graceMs: 5000 });
    const { promise: finish, resolve } = Promise.withResolvers<void>();
    const { promise: running, resolve: started } = Promise.withResolvers<void>();
    front.platform.on("get", "/slow", async () => {
      started();
      await finish;
      return { body: Buffer.from("finished") };
    });
    const answer = front.fetch("/slow");
    await running;
    const closed = front.front.close();
    const { port } = front.front.address;
    const late = connect({ port, host: "localhost", ca: front.cert });
    await once(late, "error");
    resolve();
    assert.equal((await answer).text, "finished");
    await closed;
    await front[Symbol.asyncDispose]();
  });

  it("ends what does not finish in time: calls, websockets, silent connections", async () => {
    const front = await TestFront.start({ graceMs: 50 });
    const reasons: unknown[] = [];
    const endless = async ({ signal }: { signal?: CallerSignal | undefined }) => {
      assert.ok(signal);
      await new Promise<void>((resolve) => signal.addEventListener("abort", resolve));
      reasons.push((signal.reason as MocError).code);
      return {};
    };
    front.platform.on("get", "/endless", endless);
    front.platform.on("get", "/socket", async ({ stream }) => {
      await stream?.read(1);
      return {};
    });
    const answer = assert.rejects(front.fetch("/endless"), /hang up|ECONNRESET/);
    const silent = connect({ port: front.front.address.port, host: "localhost", ca: front.cert });
    silent.on("error", () => {});
    await once(silent, "secureConnect");
    const socket = front.socket("/socket");
    await once(socket, "open");
    const closes = once(socket, "close");
    const before = performance.now();
    await front[Symbol.asyncDispose]();
    // Sooner than any of these connections would have ended by itself.
    assert.ok(performance.now() - before < 15_000);
    await answer;
    assert.equal((await closes)[0], 1001);
    assert.deepEqual(reasons, ["MOC_CANCELLED"]);
  });

  it("finds plugs by host name", async () => {
    await using front = await TestFront.start();
    const answer = ({ headers }: CallStart) => ({
      body: Buffer.from(String(headers["x-moc-plug-data"])),
    });
    front.platform.on("get", "/", answer, { host: "a.example", data: "a" });
    front.platform.on("get", "/", answer, { data: "any" });
    assert.equal((await front.fetch("/", { headers: { host: "a.example" } })).text, "a");
    assert.equal((await front.fetch("/", { headers: { host: "b.example" } })).text, "any");
  });
});
