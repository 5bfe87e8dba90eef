import assert from "node:assert/strict";
import { dirname } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type LoadedForTest, loadForTest } from "./testing.ts";

const APP = `
import { Hono } from "hono"
import { cors } from "hono/cors"
import { HTTPException } from "hono/http-exception"
import { streamText } from "hono/streaming"
import { setCookie, getCookie } from "hono/cookie"
import { sign, verify } from "hono/jwt"
import { validator } from "hono/validator"

const app = new Hono()
app.use("/api/*", cors())
app.use(async (c, next) => { await next(); c.header("x-powered-by", "hono") })
app.get("/", (c) => c.text("Hello Hono!"))
app.get("/api/users/:id", (c) => c.json({ id: c.req.param("id"), q: c.req.query("q"), kv: typeof c.env.kv.get }))
app.post("/api/echo", validator("json", (value, c) => value.name ? value : c.text("no name", 400)), (c) => c.json(c.req.valid("json")))
app.post("/form", async (c) => c.json(await c.req.parseBody()))
app.get("/stream", (c) => streamText(c, async (s) => { for (let i = 0; i < 3; i++) { await s.write("part " + i + "\\n"); await s.sleep(1) } }))
app.get("/cookie", (c) => { setCookie(c, "b", "2", { httpOnly: true }); setCookie(c, "c", "3"); return c.text(getCookie(c, "a") ?? "none") })
app.get("/jwt", async (c) => { const t = await sign({ sub: "me" }, "secret"); return c.json(await verify(t, "secret", "HS256")) })
app.get("/html", (c) => c.html("<h1>hi</h1>"))
app.get("/redirect", (c) => c.redirect("/"))
app.get("/wait", (c) => { c.executionCtx.waitUntil(Promise.resolve()); return c.text("waited") })
app.get("/fail", () => { throw new HTTPException(418, { message: "teapot" }) })
app.onError((error, c) => error instanceof HTTPException ? error.getResponse() : c.text("internal", 500))
export default app
`;

let app: LoadedForTest;

before(async () => {
  const { outputFiles } = await build({
    stdin: { contents: APP, resolveDir: dirname(fileURLToPath(import.meta.url)), loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    conditions: ["worker"],
  });
  app = await loadForTest(outputFiles[0]?.text ?? "");
});

async function request(method: string, uri: string, headers = {}, input = "") {
  const facts = { "x-moc-method": method, "x-moc-host": "app.test", "x-moc-request-uri": uri };
  const end = await app.call({ headers: { ...facts, ...headers }, input });
  const output = end.buffers.get(end.output);
  return { status: output.status, text: end.outputText(), headers: output.headers };
}

test("an unmodified Hono application answers", async () => {
  const home = await request("get", "/");
  assert.equal(home.text, "Hello Hono!");
  assert.equal(home.headers.get("x-powered-by"), "hono");
  const user = await request("get", "/api/users/7?q=a%20b", { origin: "http://x" });
  assert.deepEqual(JSON.parse(user.text), { id: "7", q: "a b", kv: "function" });
  assert.equal(user.headers.get("access-control-allow-origin"), "*");
  assert.equal((await request("get", "/none")).status, 404);
  assert.equal(
    (await request("get", "/html")).headers.get("content-type"),
    "text/html; charset=UTF-8",
  );
  const redirect = await request("get", "/redirect");
  assert.deepEqual([redirect.status, redirect.headers.get("location")], [302, "/"]);
  assert.equal((await request("get", "/wait")).text, "waited");
});

test("Hono's bodies, forms, cookies, tokens, errors and streams work", async () => {
  const json = { "content-type": "application/json" };
  assert.equal((await request("post", "/api/echo", json, '{"name":"n"}')).text, '{"name":"n"}');
  assert.equal((await request("post", "/api/echo", json, "{}")).status, 400);
  const form = { "content-type": "application/x-www-form-urlencoded" };
  assert.equal((await request("post", "/form", form, "a=1")).text, '{"a":"1"}');
  const cookies = await request("get", "/cookie", { cookie: "a=1" });
  assert.equal(cookies.text, "1");
  assert.equal(cookies.headers.get("set-cookie"), "b=2; Path=/; HttpOnly\nc=3; Path=/");
  assert.equal((await request("get", "/jwt")).text, '{"sub":"me"}');
  const failed = await request("get", "/fail");
  assert.deepEqual([failed.status, failed.text], [418, "teapot"]);
  for (let i = 0; i < 2; i++) {
    assert.equal((await request("get", "/stream")).text, "part 0\npart 1\npart 2\n");
  }
});
