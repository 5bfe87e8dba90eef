import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { Client } from "./client.ts";
import type { StreamedBody } from "./http.ts";

/** A client of a server that answers like this. */
async function clientOf(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const client = new Client({ baseUrl: `http://127.0.0.1:${port}`, token: "t" });
  return {
    client,
    [Symbol.asyncDispose]: async () => {
      client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function bodyOf(parts: number, size: number, taken: number[] = []): StreamedBody {
  return {
    length: parts * size,
    async *open() {
      for (let i = 0; i < parts; i++) {
        taken.push(i);
        yield new Uint8Array(size).fill(i);
      }
    },
  };
}

test("a body is sent as it is read, with its length said before", async () => {
  let received = 0;
  let said = "";
  await using served = await clientOf((request, response) => {
    said = request.headers["content-length"] ?? "";
    request.on("data", (chunk: Buffer) => {
      received += chunk.length;
    });
    request.on("end", () => response.end('{"status":true,"entries":3}'));
  });
  const taken: number[] = [];
  const answer = await served.client.call("restore", { body: bodyOf(50, 100_000, taken) });
  assert.deepEqual(answer, { status: true, entries: 3 });
  assert.deepEqual([received, said, taken.length], [5_000_000, "5000000", 50]);
});

test("an answer before the end of the body counts", async () => {
  await using served = await clientOf((_, response) => {
    response.writeHead(400, { connection: "close" });
    response.end('{"status":false,"code":"MOC_ARCHIVE","message":"not an archive"}');
  });
  await assert.rejects(served.client.call("restore", { body: bodyOf(1000, 100_000) }), {
    code: "MOC_ARCHIVE",
  });
});

test("a body that cannot be read fails its request", async () => {
  await using served = await clientOf((request, response) => {
    request.resume();
    request.on("end", () => response.end("{}"));
  });
  const broken: StreamedBody = {
    length: 10,
    // biome-ignore lint/correctness/useYield: it fails before the first part
    async *open() {
      throw new Error("the disk is gone");
    },
  };
  await assert.rejects(served.client.call("restore", { body: broken }), /the disk is gone/);
});

test("an answer comes in parts; one that is cut short throws", async () => {
  await using whole = await clientOf((_, response) => {
    response.write("one");
    setImmediate(() => response.end("two"));
  });
  let text = "";
  for await (const part of whole.client.stream("backup")) text += Buffer.from(part);
  assert.equal(text, "onetwo");
  await using cut = await clientOf((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("one", () => response.destroy());
  });
  await assert.rejects(
    async () => {
      for await (const part of cut.client.stream("backup")) assert.ok(part.length > 0);
    },
    { code: "MOC_UNREACHABLE" },
  );
});
