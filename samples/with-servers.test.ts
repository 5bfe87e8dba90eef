/** Samples that talk with others: backends, issuers of tokens, and each other. */
import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { WebSocket, WebSocketServer } from "ws";
import { readProject } from "../devkit/manifest.ts";
import { deployOrSkip, startPlatform } from "./testing.ts";

const ISSUER = "https://issuer.example";
const utf8 = new TextDecoder();

const keys = await generateKeyPair("ES256");
const issuer = await listen(async (_request, response) => {
  const key = { ...(await exportJWK(keys.publicKey)), kid: "1", alg: "ES256" };
  response.setHeader("content-type", "application/json").end(JSON.stringify({ keys: [key] }));
});

const backend = await listen((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const { method, url, headers } = request;
    response.writeHead(url === "/teapot" ? 418 : 200, { "x-from": "backend" });
    const body = Buffer.concat(parts).toString();
    response.end(JSON.stringify({ method, url, body, agent: headers["user-agent"] ?? null }));
  });
});
const events = new WebSocketServer({ server: backend.server, path: "/events" });
events.on("connection", (socket) => {
  socket.on("message", (message) => socket.send(`${message}!`));
});

const platform = await startPlatform({
  jwtIssuers: [`${ISSUER}=http://${issuer.address}/jwks.json`],
  allowOutbound: [backend.address],
});
const { client } = platform;
after(async () => {
  await platform.close();
  events.close();
  for (const { server } of [issuer, backend]) {
    server.closeAllConnections();
    server.close();
  }
});

interface Listening {
  readonly server: Server;
  /** Host and port. */
  readonly address: string;
}

async function listen(listener: RequestListener): Promise<Listening> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Deploys a copy of a sample whose manifest was changed as a text. */
async function deploy(
  t: TestContext,
  sample: string,
  change: (manifest: string) => string = (manifest) => manifest,
): Promise<boolean> {
  const folder = join(platform.folder, sample);
  await cp(fileURLToPath(new URL(sample, import.meta.url)), folder, { recursive: true });
  const file = join(folder, "moc.json");
  await writeFile(file, change(await readFile(file, "utf8")));
  return deployOrSkip(t, client, await readProject(folder));
}

async function fetchText(path: string, headers: Record<string, string> = {}) {
  const answer = await client.fetchFunction({ path, headers });
  return { status: answer.status, headers: answer.headers, text: utf8.decode(answer.body) };
}

/** A websocket to the platform, whose messages can be awaited one by one. */
async function openSocket(path: string) {
  const { baseUrl, certificate } = client.target;
  const socket = new WebSocket(baseUrl.replace(/^http/, "ws") + path, { ca: certificate });
  const messages: string[] = [];
  const waiting: ((message: string) => void)[] = [];
  socket.on("message", (data) => {
    const next = waiting.shift();
    if (next) next(String(data));
    else messages.push(String(data));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return {
    socket,
    async next(): Promise<string> {
      return messages.shift() ?? new Promise((resolve) => waiting.push(resolve));
    },
    close(): Promise<void> {
      return new Promise((resolve) => {
        socket.once("close", () => resolve());
        socket.close();
      });
    },
  };
}

test("reverse-proxy: requests reach the backend, and its answers come back", async (t) => {
  const toBackend = (manifest: string) =>
    manifest.replace("127.0.0.1:8081", backend.address).replace("127.0.0.1:9091", backend.address);
  assert.ok(await deploy(t, "reverse-proxy", toBackend));

  const got = await fetchText("/reverseproxy/star/a/b?c=d", { "user-agent": "test" });
  assert.equal(got.status, 200);
  assert.deepEqual(JSON.parse(got.text), {
    method: "GET",
    url: "/a/b?c=d",
    body: "",
    agent: "test",
  });
  assert.ok(got.headers.some(([name, value]) => name === "x-from" && value === "backend"));

  const path = "/reverseproxy/star/teapot";
  const posted = await client.fetchFunction({ method: "POST", path, body: "tea" });
  assert.equal(posted.status, 418);
  assert.equal(JSON.parse(utf8.decode(posted.body)).body, "tea");
});

test("reverse-proxy: messages of a websocket go both ways", async () => {
  const socket = await openSocket("/reverseproxy/ws");
  socket.socket.send("hello");
  assert.equal(await socket.next(), "hello!");
  socket.socket.send("again");
  assert.equal(await socket.next(), "again!");
  await socket.close();
});

test("reverse-proxy: a backend that does not answer is a 502", async (t) => {
  const gone = await listen(() => undefined);
  gone.server.close();
  assert.ok(
    await deploy(t, "reverse-proxy", (text) => text.replaceAll("127.0.0.1:8081", gone.address)),
  );
  const answer = await fetchText("/reverseproxy/star/x");
  assert.equal(answer.status, 502);
  assert.deepEqual(JSON.parse(answer.text), { error: "the backend does not answer" });
});

test("http-request: a URL is a file", async (t) => {
  if (!(await deploy(t, "http-request"))) return;
  const answer = await client.call("callFunction", {
    body: {
      name: "http-request",
      mode: "posix",
      posix_arguments: [`http://${backend.address}/page`],
    },
  });
  assert.equal(answer.result, 0);
  assert.equal(JSON.parse(Buffer.from(answer.output, "base64").toString()).url, "/page");
});

test("acl-filter: a valid token passes, others do not", async (t) => {
  assert.ok(await deploy(t, "acl-filter"));
  const token = (expires: string, by = keys.privateKey) =>
    new SignJWT({ role: "reader" })
      .setProtectedHeader({ alg: "ES256", kid: "1" })
      .setIssuer(ISSUER)
      .setSubject("ada")
      .setExpirationTime(expires)
      .sign(by);
  const ask = async (jwt: string) =>
    fetchText("/acl-filter/private/area", { authorization: `Bearer ${jwt}` });

  const valid = await token("1h");
  const passed = await ask(valid);
  assert.equal(passed.status, 200);
  const { path, user } = JSON.parse(passed.text);
  assert.equal(path, "/acl-filter/private/area");
  assert.equal(user.sub, "ada");
  assert.equal(user.role, "reader");

  const cookie = await fetchText("/acl-filter/private", {
    cookie: `authorization=Bearer.${valid}`,
  });
  assert.equal(cookie.status, 200);

  assert.equal((await ask(await token("-1h"))).status, 401);
  const stranger = await generateKeyPair("ES256");
  assert.equal((await ask(await token("1h", stranger.privateKey))).status, 401);
});

test("websocket-chat: everybody in the room hears what is said", async (t) => {
  assert.ok(await deploy(t, "websocket-chat"));
  const ada = await openSocket("/chat/ws/test?name=Ada");
  assert.deepEqual(kindAndName(await ada.next()), ["enter", "Ada"]);
  const grace = await openSocket("/chat/ws/test?name=Grace");
  assert.deepEqual(kindAndName(await grace.next()), ["enter", "Grace"]);
  assert.deepEqual(kindAndName(await ada.next()), ["enter", "Grace"]);

  grace.socket.send("<b>hello</b>");
  for (const one of [ada, grace]) {
    const said = JSON.parse(await one.next());
    assert.deepEqual([said.kind, said.name, said.text], ["say", "Grace", "<b>hello</b>"]);
  }

  await grace.close();
  assert.deepEqual(kindAndName(await ada.next()), ["leave", "Grace"]);
  await ada.close();

  const late = await openSocket("/chat/ws/test?name=Late");
  assert.equal(JSON.parse(await late.next()).text, "<b>hello</b>");
  await late.close();
});

function kindAndName(message: string): readonly string[] {
  const { kind, name } = JSON.parse(message);
  return [kind, name];
}
