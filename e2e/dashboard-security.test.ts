import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { BrowserContext, Page } from "playwright-core";
import { open } from "./dashboard-page.ts";
import type { Stage } from "./dashboard-stage.ts";
import { dashboardSteps } from "./dashboard-steps.ts";

const TOKEN = "x-moc-page-token";

/** A function's page, with the headers that its query asks for. */
const HOSTILE = `export default {
  fetch(request) {
    const headers = { "content-type": "text/html" };
    for (const [name, value] of new URL(request.url).searchParams) headers[name] = value;
    return new Response("<!doctype html><title>hostile</title>", { headers });
  },
};`;

const WORKER = `export default {
  fetch: () => new Response("self.onfetch = () => undefined;", {
    headers: { "content-type": "text/javascript", "service-worker-allowed": "/" },
  }),
};`;

dashboardSteps("the dashboard and those who have no business there", { keys: 0 }, (step) => {
  step("without a session there is a sign-in page, and no data", async ({ stage }) => {
    const visitor = await stage.visitor("light", false);
    const stranger = await visitor.newPage();
    await stranger.goto(`${stage.url}/dashboard/`);
    await stranger.getByText("Sign in to My Own Cluster").waitFor();
    await visitor.close();
  });

  step("a page of another site can neither call the API nor frame the dashboard", async (given) => {
    const { context, stage } = given;
    await using site = await foreignSite(stage.url);
    const tab = await context.newPage();
    await tab.goto(site.url);
    const read = await tab.evaluate(
      (url) =>
        fetch(`${url}/my-own-cluster/api/status`, { credentials: "include" }).then(
          (response) => `answered ${response.status}`,
          () => "refused",
        ),
      stage.url,
    );
    assert.equal(read, "refused");
    await tab.evaluate(
      (url) =>
        fetch(`${url}/my-own-cluster/api/kv/planted`, {
          method: "POST",
          mode: "no-cors",
          credentials: "include",
          headers: { "content-type": "text/plain" },
          body: "x",
        }).catch(() => undefined),
      stage.url,
    );
    await assertNothingPlanted(stage);
    assert.equal(await tab.frame({ name: "framed" })?.locator("moc-dashboard").count(), 0);
    await tab.close();
  });

  step("a function's page cannot use the session of the dashboard beside it", async (given) => {
    const { context, page, stage } = given;
    await plugHostile(stage);
    const token = await pageToken(page, stage);
    const tab = await context.newPage();
    await tab.goto(`${stage.url}/hostile`);
    const told = await tab.evaluate(async () => {
      const api = "/my-own-cluster/api";
      const ask = async (url: string, init?: RequestInit) => {
        try {
          const response = await fetch(url, init);
          return `${response.status} ${await response.text()}`;
        } catch (error) {
          return `failed ${error}`;
        }
      };
      const frame = document.createElement("iframe");
      frame.src = "/dashboard/";
      const framed = new Promise<string>((resolve) => {
        frame.onload = () => {
          try {
            resolve(frame.contentDocument?.documentElement.outerHTML ?? "nothing");
          } catch (error) {
            resolve(String(error));
          }
        };
      });
      document.body.append(frame);
      const worker = (script: string) =>
        navigator.serviceWorker.register(script, { scope: "/" }).then(
          () => "registered",
          (error) => `refused ${error}`,
        );
      const events = new Promise<string>((resolve) => {
        const source = new EventSource(`${api}/events`);
        source.onopen = () => resolve("opened");
        source.onerror = () => resolve("refused");
      });
      return {
        status: await ask(`${api}/status`),
        forged: await ask(`${api}/status`, { headers: { "x-moc-page-token": "guess" } }),
        posing: await ask(`${api}/status`, { referrer: "/dashboard/", mode: "same-origin" }),
        planted: await ask(`${api}/kv/planted`, { method: "PUT", body: "x" }),
        link: await ask(`${api}/admin/sign-in-link`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: "{}",
        }),
        page: await ask("/dashboard/"),
        cached: await ask("/dashboard/", { cache: "force-cache" }),
        onlyCached: await ask("/dashboard/", { cache: "only-if-cached", mode: "same-origin" }),
        framed: await framed,
        events: await events,
        worker: await worker("/sw.js"),
        wider: await worker("/hostile/sw.js"),
        storage: JSON.stringify([{ ...sessionStorage }, { ...localStorage }]),
      };
    });
    for (const one of ["status", "forged", "posing", "planted", "link"] as const) {
      assert.match(told[one], /^401 .*MOC_UNAUTHORIZED/, one);
    }
    assert.equal(told.events, "refused");
    assert.match(told.worker, /^refused/);
    assert.match(told.wider, /^refused/);
    for (const [name, text] of Object.entries(told)) assert.ok(!text.includes(token), name);
    await assertNothingPlanted(stage);
    await tab.close();
  });

  step("in the dashboard's own tab it finds nothing left behind", async ({ page, stage }) => {
    const token = await pageToken(page, stage);
    await page.goto(`${stage.url}/hostile`);
    const kept = await page.evaluate(() =>
      JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie, window.name]),
    );
    assert.ok(!kept.includes(token));
    await page.goBack();
    await page.locator("moc-dashboard main").waitFor();
  });

  const OPENERS = [
    "",
    "cross-origin-opener-policy=same-origin",
    "Cross-Origin-Opener-Policy=same-origin",
    "cross-origin-opener-policy=same-origin&cross-origin-embedder-policy=require-corp",
    "cross-origin-opener-policy=same-origin&cross-origin-embedder-policy=credentialless",
    "cross-origin-opener-policy=same-origin-allow-popups",
    "cross-origin-opener-policy=noopener-allow-popups",
    "cross-origin-opener-policy=unsafe-none",
  ];
  step("it gets no hold of a window of the dashboard, whatever its headers", async (given) => {
    const { context, stage } = given;
    for (const query of OPENERS) {
      const read = await readOfPopup(context, `${stage.url}/hostile?${query}`, "/dashboard/");
      assert.equal(read, "out of reach", query);
    }
    const signIn = await readOfPopup(
      context,
      `${stage.url}/hostile?${OPENERS[1]}`,
      "/my-own-cluster/sign-in",
    );
    assert.equal(signIn, "out of reach");
  });

  step("a session that ended says how to sign in, and goes on afterwards", async (given) => {
    const { page, stage } = given;
    await open(page, stage, "plugs");
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    await page.getByText("You are signed out").waitFor();
    assert.equal(await page.getByRole("link", { name: /Sign in/ }).count(), 1);
    await page.context().addCookies(cookies);
    await page.getByText("Which one answers?").waitFor();
  });
});

async function plugHostile(stage: Stage): Promise<void> {
  const guest = (name: string, source: string, path: string) =>
    stage.deploy({ name, source, path, contentType: "text/javascript", method: "get" });
  await guest("hostile", HOSTILE, "/hostile");
  await guest("worker-of-all", WORKER, "/sw.js");
  await guest("worker-below", WORKER, "/hostile/sw.js");
}

/** What the dashboard proves itself with, as its own requests show. */
async function pageToken(page: Page, stage: Stage): Promise<string> {
  const asked = page.waitForRequest((one) => one.headers()[TOKEN] !== undefined);
  await open(page, stage, "overview");
  await page.reload();
  const token = (await asked).headers()[TOKEN] ?? "";
  assert.match(token, /^[\w-]{43}$/);
  assert.ok(!(await page.content()).includes(token), "it does not stay in the page");
  return token;
}

/** All that a page can read of a window that it opens, while that loads and afterwards. */
async function readOfPopup(context: BrowserContext, opener: string, path: string): Promise<string> {
  const tab = await context.newPage();
  await tab.goto(opener);
  const popup = context.waitForEvent("page");
  const reading = tab.evaluate(async (url) => {
    const opened = window.open(url);
    const read: string[] = [];
    for (let i = 0; i < 40; i++) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      try {
        if (!opened || opened.closed || opened.location.href === "about:blank") continue;
        read.push(opened.document.documentElement.outerHTML);
      } catch (error) {
        if (!(error instanceof DOMException)) throw error;
      }
    }
    return read.length === 0 ? "out of reach" : read.join("\n");
  }, path);
  const opened = await popup;
  const read = await reading;
  await opened.close();
  await tab.close();
  return read;
}

async function assertNothingPlanted(stage: Stage): Promise<void> {
  await assert.rejects(stage.client.bytes("kvGet", { path: { key: "planted" } }), {
    code: "MOC_NOT_FOUND",
  });
}

/** A page that some other site serves, with the dashboard in a frame. */
async function foreignSite(target: string): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end(
      `<!doctype html><title>elsewhere</title><iframe name="framed" src="${target}/dashboard/"></iframe>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
