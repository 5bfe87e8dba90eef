import assert from "node:assert/strict";
import { createServer, type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { test } from "node:test";
import { MocError } from "../protocol/errors.ts";
import { ByteSource } from "./byte-source.ts";

const LIMIT = 8 * 2 ** 20;

function sourceOf(incoming: IncomingMessage, idleMs = 5000, limitBytes = LIMIT): ByteSource {
  return new ByteSource(incoming, {
    limitBytes,
    tooLarge: () => new MocError("MOC_TOO_LARGE", "too much"),
    failed: (reason) => new MocError("MOC_CANCELLED", reason),
    idleMs,
    onClose: "leave",
  });
}

/** Serves one request by `serve`, whose outcome is the answer of the returned promise. */
async function served<T>(
  serve: (incoming: IncomingMessage) => Promise<T>,
  send: (port: number) => void,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const server = createServer((incoming, response) => {
    serve(incoming).then(resolve, reject);
    void promise
      .catch(() => undefined)
      .then(() => {
        incoming.resume();
        response.end();
      });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  try {
    send((server.address() as AddressInfo).port);
    return await promise;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function post(body: Uint8Array): (port: number) => void {
  return (port) => {
    const outgoing = request({ port, method: "POST", headers: { "content-length": body.length } });
    // The server may close before all is sent.
    outgoing.on("error", () => {});
    outgoing.end(body);
  };
}

const pattern = (bytes: number) => Uint8Array.from({ length: bytes }, (_, i) => (i * 7) % 251);

async function collected(source: ByteSource, first: readonly Uint8Array[] = []): Promise<Buffer> {
  const chunks = [...first];
  await source.readAll((chunk) => chunks.push(chunk));
  return Buffer.concat(chunks);
}

test("all of a body is given away in order, also after some of it was read", async () => {
  const body = pattern(5_000_001);
  const whole = await served((incoming) => collected(sourceOf(incoming)), post(body));
  assert.ok(whole.equals(body));
  const rest = await served(async (incoming) => {
    const source = sourceOf(incoming);
    const head = await source.read(1000);
    return collected(source, head ? [head] : []);
  }, post(body));
  assert.ok(rest.equals(body));
  const nothing = await served(
    async (incoming) => {
      const source = sourceOf(incoming);
      while (await source.read(LIMIT)) {
        // Until its end.
      }
      return collected(source);
    },
    post(pattern(10)),
  );
  assert.equal(nothing.length, 0);
});

test("over its limit, or when the taker has enough, it ends with that", async () => {
  const large = post(pattern(200_000));
  await assert.rejects(
    served((incoming) => collected(sourceOf(incoming, 5000, 100_000)), large),
    { code: "MOC_TOO_LARGE" },
  );
  await assert.rejects(
    served((incoming) => {
      return sourceOf(incoming).readAll(() => {
        throw new MocError("MOC_LIMIT_MEMORY", "enough");
      });
    }, large),
    { code: "MOC_LIMIT_MEMORY" },
  );
});

test("a sender that goes away or falls silent ends it", async () => {
  const half = (port: number) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf");
    return socket;
  };
  await assert.rejects(
    served(
      (incoming) => collected(sourceOf(incoming)),
      (port) => void half(port).end(),
    ),
    { code: "MOC_CANCELLED" },
  );
  await assert.rejects(
    served((incoming) => collected(sourceOf(incoming, 50)), half),
    { code: "MOC_CANCELLED", message: /nothing came for 50 ms/ },
  );
});
