import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import type { Client } from "../devkit/client.ts";
import { ensureRuntime, type RuntimeHandle } from "../devkit/runtime-process.ts";
import { Events } from "../runtime/core/events.ts";
import { Kv } from "../runtime/core/kv.ts";
import { openKeyspace } from "../runtime/storage/keyspace.ts";
import { CHROMIUM, startBrowser } from "./browser.ts";
import { GUESTS, type TestGuest } from "./dashboard-guests.ts";
import { clientOf } from "./scenario.ts";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
/** Pictures of every section; ignored by git. */
export const PICTURES = fileURLToPath(new URL("../artifacts/dashboard", import.meta.url));

const BATCH = 50_000;
const STEP_MS = 20_000;

export type Scheme = "dark" | "light";

/** A real runtime with functions and a million keys, and a real browser. */
export class Stage implements AsyncDisposable {
  readonly browser: Browser;
  readonly #folder: string;
  #runtime: RuntimeHandle;
  #client: Client;

  private constructor(runtime: RuntimeHandle, browser: Browser, folder: string) {
    this.#runtime = runtime;
    this.#client = clientOf(runtime.instance);
    this.browser = browser;
    this.#folder = folder;
  }

  /**
   * Sets it up, or answers why that is not possible here.
   * @param keys number of keys `many/SHARD/NUMBER` in the store before the runtime starts
   */
  static async set(keys: number): Promise<Stage | string> {
    if (!existsSync(CHROMIUM)) return `there is no ${CHROMIUM}; set MOC_CHROMIUM`;
    if (!existsSync(CLI)) return "dist/cli.js is not built; npm run build";
    await mkdir(PICTURES, { recursive: true });
    const folder = await mkdtemp(join(tmpdir(), "moc-dashboard-"));
    await seed(folder, keys);
    const stage = new Stage(await startRuntime(folder, 0), await startBrowser(), folder);
    for (const guest of GUESTS) await stage.deploy(guest);
    return stage;
  }

  get runtime(): RuntimeHandle {
    return this.#runtime;
  }

  get client(): Client {
    return this.#client;
  }

  get url(): string {
    return this.#runtime.instance.url;
  }

  /** Ends the runtime without a warning. */
  async kill(): Promise<void> {
    process.kill(this.#runtime.instance.pid, "SIGKILL");
    await this.#runtime.ended;
  }

  /** Starts it anew, on the same port and folder. */
  async restart(): Promise<void> {
    this.#client.close();
    this.#runtime = await startRuntime(this.#folder, this.#runtime.instance.port);
    this.#client = clientOf(this.#runtime.instance);
  }

  async deploy({ name, contentType, source, method, path }: TestGuest): Promise<void> {
    const { tech_id } = await this.client.call(
      "putBlob",
      { body: new TextEncoder().encode(source) },
      { headers: { "content-type": contentType } },
    );
    await this.client.call("deploy", {
      body: {
        name,
        tech_id,
        settings: {},
        plugs: [{ method, path }],
        filters: name === "gate" ? [{ start_function: "filter", order: 1 }] : [],
      },
    });
  }

  /** A browser of somebody; signed in with the admin token, or not. */
  async visitor(scheme: Scheme, signedIn = true): Promise<BrowserContext> {
    const context = await this.browser.newContext({
      ignoreHTTPSErrors: true,
      colorScheme: scheme,
      viewport: { width: 1280, height: 900 },
      permissions: ["clipboard-read", "clipboard-write"],
    });
    context.setDefaultTimeout(STEP_MS);
    if (!signedIn) return context;
    const page = await context.newPage();
    await page.goto(`${this.url}/my-own-cluster/sign-in`);
    await page.fill("input[name=token]", this.runtime.instance.token);
    await page.click("button");
    await page.waitForURL("**/dashboard/");
    await page.close();
    return context;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    this.#client.close();
    await this.#runtime.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function startRuntime(folder: string, port: number): Promise<RuntimeHandle> {
  return ensureRuntime({
    dataFolder: folder,
    command: [process.execPath, CLI],
    arguments: ["--port", String(port), "--gpu-adapter", "software"],
  });
}

/** Everything that a page complained about, and every address that it asked. */
export interface Watched {
  readonly complaints: string[];
  readonly hosts: Set<string>;
}

export function watch(page: Page): Watched {
  const watched: Watched = { complaints: [], hosts: new Set() };
  page.on("console", (message) => {
    if (message.type() === "error") watched.complaints.push(message.text());
  });
  page.on("pageerror", (error) => watched.complaints.push(String(error.stack)));
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith("http")) watched.hosts.add(host);
  });
  return watched;
}

/** Before the runtime starts, since a million calls would take longer than the tests. */
async function seed(folder: string, keys: number): Promise<void> {
  const keyspace = await openKeyspace(folder);
  const kv = new Kv(keyspace, new Events());
  const encoder = new TextEncoder();
  for (let from = 0; from < keys; from += BATCH) {
    const puts = Array.from({ length: BATCH }, (_, index) => {
      const number = from + index;
      const key = `many/${number % 10}/${String(number).padStart(7, "0")}`;
      return { key: encoder.encode(key), value: encoder.encode(`value ${number}`) };
    });
    await kv.batch(puts, []);
  }
  await kv.batch([{ key: encoder.encode("big"), value: new Uint8Array(3_000_000).fill(120) }], []);
  await keyspace.close();
}
