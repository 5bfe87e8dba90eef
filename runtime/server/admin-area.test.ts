import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { TestFront, type TestRequest, TOKEN } from "./front.fixture.ts";
import { Sessions } from "./session.ts";

/** What a browser says when it opens a page in a tab; no script can say it. */
const NAVIGATION = { "sec-fetch-dest": "document", "sec-fetch-mode": "navigate" };
const BEARER = { authorization: `Bearer ${TOKEN}` };

describe("admin area", () => {
  let front: TestFront;
  before(async () => {
    front = await TestFront.start({ hostNames: ["moc.example.org", "other.example.org:444"] });
    plug(front);
  });
  after(() => front[Symbol.asyncDispose]());

  const api = (options: TestRequest = {}, path = "/my-own-cluster/api/status") =>
    front.fetch(path, options);
  const code = (text: string) => JSON.parse(text).code;

  /** A browser that signed in: its cookie, and the token of the page that it opened. */
  async function signIn(): Promise<{ readonly cookie: string; readonly page: string }> {
    const signedIn = await front.fetch(front.front.mintSignInPath());
    const cookie = String(signedIn.headers["set-cookie"]).split(";", 1)[0] ?? "";
    return { cookie, page: (await openPage(cookie, NAVIGATION)) ?? "" };
  }

  /** The token that the dashboard's page is given when it is asked for in this way. */
  async function openPage(cookie: string, more: object): Promise<string | undefined> {
    const answer = await front.fetch("/dashboard/", { headers: { cookie, ...more } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["cross-origin-opener-policy"], "same-origin");
    return front.platform.starts.at(-1)?.headers["x-moc-page-token"];
  }

  it("needs the token, and tells who lacks it what to do", async () => {
    const none = await api();
    assert.equal(none.status, 401);
    assert.equal(code(none.text), "MOC_UNAUTHORIZED");
    assert.match(none.text, /Send the admin token as \\"Authorization: Bearer/);
    const wrong = await api({ headers: { authorization: "Bearer wrong" } });
    assert.equal(wrong.status, 401);
    assert.match(wrong.text, /not the admin token of this runtime/);
    assert.equal(none.headers["www-authenticate"], "Bearer");
    assert.equal((await api({ headers: { authorization: "Bearer wrong" } })).status, 401);
    assert.equal((await api({ headers: { authorization: `Basic ${TOKEN}` } })).status, 401);
    const good = await api({ headers: BEARER });
    assert.equal(good.status, 200);
    assert.equal(front.platform.starts.at(-1)?.headers.authorization, undefined);
    assert.equal((await front.fetchPlain("/my-own-cluster/api/status")).status, 401);
  });

  it("guards unplugged paths too, so that they tell nothing", async () => {
    assert.equal((await api({}, "/my-own-cluster/nothing")).status, 401);
    assert.equal((await api({ headers: BEARER }, "/my-own-cluster/nothing")).status, 404);
    assert.equal((await api({ method: "PUT" })).status, 401);
  });

  it("refuses foreign Hosts (DNS rebinding), whatever the token", async () => {
    const { port } = front.front.address;
    const foreign = [
      `evil.example:${port}`,
      `localhost.evil.example:${port}`,
      `evil-localhost:${port}`,
      "localhost",
      "localhost:1",
      `localhost:${port}@evil.example`,
      `127.0.0.1.nip.io:${port}`,
      `x.moc.example.org:${port}`,
      "other.example.org",
    ];
    for (const host of foreign) {
      const answer = await api({ headers: { ...BEARER, host } });
      assert.equal(answer.status, 403, host);
      assert.equal(code(answer.text), "MOC_FORBIDDEN");
    }
    const own = [
      `localhost:${port}`,
      `LOCALHOST:${port}`,
      `127.0.0.1:${port}`,
      `[::1]:${port}`,
      `moc.example.org:${port}`,
      "moc.example.org",
      "other.example.org:444",
    ];
    for (const host of own) assert.equal((await api({ headers: { ...BEARER, host } })).status, 200);
  });

  it("refuses pages of other origins, whatever the token", async () => {
    const { port, httpPort } = front.front.address;
    const foreign = [
      "https://evil.example",
      "null",
      `https://localhost:${port + 1}`,
      "https://localhost",
    ];
    foreign.push(`http://localhost:${port}`, `https://evil.example:${port}`, "file://");
    for (const origin of foreign) {
      assert.equal((await api({ headers: { ...BEARER, origin } })).status, 403, origin);
    }
    for (const origin of [`https://localhost:${port}`, `http://localhost:${httpPort}`]) {
      assert.equal((await api({ headers: { ...BEARER, origin } })).status, 200, origin);
    }
  });

  it("is not gone round by other spellings of the path", async () => {
    const spellings = [
      "/my%2down-cluster/api/status",
      "/%6dy-own-cluster/api/status",
      "/my-own-cluster%2fapi/status",
      "//my-own-cluster/api/status",
      "/./my-own-cluster/api/status",
      "/x/../my-own-cluster/api/status",
      "/x/%2e%2e/my-own-cluster/api/status",
      "/My-Own-Cluster/api/status",
      "/my-own-cluster/./api/status",
    ];
    front.platform.starts.length = 0;
    for (const path of spellings) {
      const answer = await front.raw(
        `GET ${path} HTTP/1.1\nHost: ${front.host}\nConnection: close\n\n`,
      );
      assert.match(answer, /^HTTP\/1\.1 (400|401|404) /, path);
    }
    const absolute = `GET https://${front.host}/my-own-cluster/api/status HTTP/1.1\n`;
    const own = await front.raw(`${absolute}Host: ${front.host}\nConnection: close\n\n`);
    assert.match(own, /^HTTP\/1\.1 401 /);
    const mixed = await front.raw(`${absolute}Host: evil.example\nConnection: close\n\n`);
    assert.match(mixed, /^HTTP\/1\.1 400 /);
    assert.equal(front.platform.starts.length, 0);
  });

  it("lets no filter run before it", async () => {
    front.platform.filter("deny", () => ({ status: 418 }));
    assert.equal((await api({ headers: BEARER })).status, 200);
    assert.equal((await front.fetch("/guest")).status, 418);
    front.platform.filterList.length = 0;
  });

  it("signs a browser in by a link that works once", async () => {
    const path = front.front.mintSignInPath();
    const answer = await front.fetch(path);
    assert.equal(answer.status, 200);
    assert.match(answer.text, /url=\/dashboard\//);
    const [cookie = ""] = answer.headers["set-cookie"] ?? [];
    assert.match(
      cookie,
      /^moc_session=[\w.-]+; Path=\/; Max-Age=\d+; HttpOnly; Secure; SameSite=Strict$/,
    );
    const session = { cookie: cookie.split(";", 1)[0] ?? "" };
    assert.equal((await front.fetch("/dashboard/", { headers: session })).text, "dashboard");
    const again = await front.fetch(path);
    assert.equal(again.status, 401);
    assert.equal(again.headers["set-cookie"], undefined);
    assert.equal((await front.fetch("/my-own-cluster/sign-in?code=guess")).status, 401);
  });

  it("signs a browser in by the token, on its own pages only", async () => {
    const { port } = front.front.address;
    const post = (body: string, headers = {}) =>
      front.fetch("/my-own-cluster/sign-in", {
        method: "POST",
        body,
        headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
      });
    const good = await post(`token=${TOKEN}`, { origin: `https://localhost:${port}` });
    assert.equal(good.status, 200);
    assert.equal(good.headers["set-cookie"]?.length, 1);
    assert.equal((await post("token=wrong")).status, 401);
    assert.equal((await post(`token=${TOKEN}`, { origin: "https://evil.example" })).status, 403);
    assert.equal((await post(`token=${TOKEN}`, { host: "evil.example" })).status, 403);
    assert.equal((await post("x".repeat(5000))).status, 413);
  });

  it("shows the sign-in page instead of the dashboard", async () => {
    const answer = await front.fetch("/dashboard/", { headers: { accept: "text/html" } });
    assert.equal(answer.status, 401);
    assert.match(answer.text, /<form method="post" action="\/my-own-cluster\/sign-in">/);
    const policy = String(answer.headers["content-security-policy"]);
    const style = /<style>([^<]*)<\/style>/.exec(answer.text)?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    assert.equal(
      policy,
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );
    assert.doesNotMatch(answer.text, / style=| on\w+=|<script/);
    // Any stricter and browsers send the form with "Origin: null", which is refused.
    assert.equal(answer.headers["referrer-policy"], "same-origin");
    assert.equal((await front.fetch("/dashboard/app.js")).status, 401);
  });

  it("takes changes by session only from its own pages, as JSON", async () => {
    const { port } = front.front.address;
    const { cookie, page } = await signIn();
    const token = { cookie, "x-moc-page-token": page };
    const change = async (headers: Record<string, string>) =>
      (await api({ method: "POST", body: "{}", headers: { ...token, ...headers } })).status;
    const json = { "content-type": "application/json" };
    assert.equal(await change({ ...json, origin: `https://localhost:${port}` }), 200);
    assert.equal(await change({ ...json, "sec-fetch-site": "same-origin" }), 200);
    assert.equal(await change(json), 403);
    assert.equal(await change({ ...json, "sec-fetch-site": "same-site" }), 403);
    const own = { "sec-fetch-site": "same-origin" };
    assert.equal(await change({ ...own, "content-type": "text/plain" }), 403);
    assert.equal(
      (await api({ headers: { ...token, "sec-fetch-site": "cross-site" } })).status,
      403,
    );
  });

  it("is closed to pages of functions, which have the cookie but not the dashboard's token", async () => {
    const { cookie, page } = await signIn();
    assert.match(page, /^[\w-]{43}$/);
    assert.equal((await api({ headers: { cookie, "x-moc-page-token": page } })).status, 200);
    assert.equal(front.platform.starts.at(-1)?.headers["x-moc-page-token"], undefined);
    const without: Record<string, string>[] = [
      {},
      { "x-moc-page-token": "" },
      { "x-moc-page-token": "guess" },
      { "x-moc-page-token": `${page} `.repeat(2) },
      { "x-moc-page-token": cookie },
    ];
    for (const headers of without) {
      const answer = await api({
        headers: { cookie, "sec-fetch-site": "same-origin", ...headers },
      });
      assert.equal(answer.status, 401, JSON.stringify(headers));
      assert.equal(code(answer.text), "MOC_UNAUTHORIZED");
    }
    // The token is one of this session, and no proof by itself.
    const sessions = new Sessions(TOKEN);
    assert.equal(page, sessions.pageToken(cookie.replace("moc_session=", "")));
    assert.notEqual(page, sessions.pageToken("1.another"));
    assert.equal((await api({ headers: { "x-moc-page-token": page } })).status, 401);
  });

  it("gives the token to a page in a tab only, not to what scripts and frames can ask for", async () => {
    const { cookie } = await signIn();
    const ways = [
      {},
      { "sec-fetch-dest": "empty", "sec-fetch-mode": "cors" },
      { "sec-fetch-dest": "empty", "sec-fetch-mode": "same-origin" },
      { "sec-fetch-dest": "empty", "sec-fetch-mode": "navigate" },
      { "sec-fetch-dest": "iframe", "sec-fetch-mode": "navigate" },
      { "sec-fetch-dest": "object", "sec-fetch-mode": "navigate" },
      { "sec-fetch-dest": "document", "sec-fetch-mode": "no-cors" },
      { "x-moc-page-token": "mine" },
      { ...NAVIGATION, "x-moc-page-token": "mine" },
    ];
    for (const way of ways) assert.equal(await openPage(cookie, way), undefined);
    assert.ok(await openPage(cookie, NAVIGATION));
    const bearer = { ...BEARER, ...NAVIGATION };
    assert.equal((await front.fetch("/dashboard/", { headers: bearer })).status, 200);
    assert.equal(front.platform.starts.at(-1)?.headers["x-moc-page-token"], undefined);
  });

  it("cannot be stood before by a service worker of a function", async () => {
    const worker = (path: string, headers = {}) =>
      front.fetch(path, { headers: { "service-worker": "script", ...headers } });
    for (const path of ["/sw.js", "/dashboard/sw.js", "/my-own-cluster/sw.js"]) {
      const answer = await worker(path);
      assert.equal(answer.status, 403, path);
      assert.match(answer.text, /service worker/);
    }
    const below = await worker("/app/sw.js");
    assert.equal(below.status, 200);
    assert.equal(below.headers["service-worker-allowed"], undefined);
    assert.equal((await worker("/sw.js", { host: "app.example" })).status, 200);
    assert.equal((await front.fetch("/sw.js")).status, 200);
  });

  it("keeps its windows apart from those of functions", async () => {
    const policyOf = async (headers: Record<string, string>) => {
      front.platform.guests.set("get /guest", () => ({ headers }));
      return (await front.fetch("/guest")).headers["cross-origin-opener-policy"];
    };
    const name = "Cross-Origin-Opener-Policy";
    for (const value of ["same-origin", " same-origin", 'same-origin; report-to="x"']) {
      assert.equal(await policyOf({ [name]: value }), "same-origin-allow-popups", value);
    }
    const embedder = "Cross-Origin-Embedder-Policy";
    assert.equal(
      await policyOf({ [name]: "same-origin", [embedder]: "require-corp" }),
      "same-origin",
    );
    assert.equal(
      await policyOf({ [name]: "same-origin", [embedder]: "credentialless" }),
      "same-origin-allow-popups",
    );
    for (const value of ["unsafe-none", "same-origin-allow-popups", "noopener-allow-popups"]) {
      assert.equal(await policyOf({ [name]: value }), value);
    }
    assert.equal(await policyOf({}), undefined);
  });

  it("accepts no forged, altered or expired session", async () => {
    const { cookie, page } = await signIn();
    const value = cookie.replace("moc_session=", "");
    const [expires = "", signature = ""] = value.split(".");
    const forged = [
      "",
      "x",
      `${Number(expires) + 1}.${signature}`,
      `1.${signature}`,
      `${expires}.`,
    ];
    const token = { "x-moc-page-token": page };
    for (const one of forged) {
      const headers = { ...token, cookie: `moc_session=${one}` };
      assert.equal((await api({ headers })).status, 401, one);
    }
    const among = { ...token, cookie: `a=b; moc_session=x; moc_session=${value}; c=d` };
    assert.equal((await api({ headers: among })).status, 200);
  });

  it("shows the session to no function", async () => {
    await front.fetch("/guest", { headers: { cookie: "a=1; moc_session=secret; b=2" } });
    assert.equal(front.platform.starts.at(-1)?.headers.cookie, "a=1; b=2");
    await front.fetch("/guest", { headers: { cookie: "moc_session=secret" } });
    assert.equal(front.platform.starts.at(-1)?.headers.cookie, undefined);
  });

  it("without authentication still refuses strangers' pages and names", async () => {
    await using open = await TestFront.start({ adminAuth: "none" });
    plug(open);
    const status = async (headers: Record<string, string> = {}) =>
      (await open.fetch("/my-own-cluster/api/status", { headers })).status;
    assert.equal(await status(), 200);
    assert.equal(await status({ host: "evil.example" }), 403);
    assert.equal(await status({ origin: "https://evil.example" }), 403);
    assert.equal(await status({ "sec-fetch-site": "cross-site" }), 403);
  });
});

function plug(front: TestFront): void {
  const answer = () => ({
    body: Buffer.from("{}"),
    headers: { "content-type": "application/json" },
  });
  front.platform.on("get", "/my-own-cluster/api/status", answer);
  front.platform.on("post", "/my-own-cluster/api/status", answer);
  front.platform.on("get", "/dashboard/*path", () => ({ body: Buffer.from("dashboard") }));
  front.platform.on("get", "/guest", () => ({ body: Buffer.from("guest") }));
  const worker = () => ({
    body: Buffer.from(""),
    headers: { "content-type": "text/javascript", "Service-Worker-Allowed": "/" },
  });
  front.platform.on("get", "/sw.js", worker);
  front.platform.on("get", "/app/sw.js", worker);
}
