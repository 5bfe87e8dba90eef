import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { HttpConnections } from "./http.ts";

test("a server that hangs up on plain http is taken for one of https", async () => {
  const server = createServer((connection) => connection.once("data", () => connection.destroy()));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { readonly port: number };
  const connections = new HttpConnections();
  try {
    await assert.rejects(connections.send({ method: "GET", url: `http://127.0.0.1:${port}/` }), {
      code: "MOC_UNREACHABLE",
      message: new RegExp(`answers https only: write https://127\\.0\\.0\\.1:${port} `),
    });
  } finally {
    connections.close();
    server.close();
  }
});
