/** A whole runtime on a folder of its own, for tests that go through the real edges. */
import { mkdtemp, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import wabtInit from "wabt";
import { deploy } from "./core/deploy.ts";
import type { NewPlug } from "./core/plugs.ts";
import type { FunctionSettings } from "./protocol/model.ts";
import { type Runtime, startRuntime } from "./runtime.ts";
import type { RuntimeOptions } from "./runtime-options.ts";

export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly json: { readonly code?: string; readonly message?: string };
  readonly durationMs: number;
}

export interface TestDeploy {
  readonly name: string;
  /** JavaScript, or WebAssembly as text or bytes. */
  readonly js?: string;
  readonly wat?: string;
  readonly wasm?: Uint8Array;
  readonly settings?: FunctionSettings;
  /** Default: `GET /NAME`. */
  readonly plugs?: readonly {
    readonly method?: string;
    readonly path: string;
    readonly start?: string;
  }[];
  readonly filters?: readonly { readonly start: string }[];
}

export interface TestRuntime extends AsyncDisposable {
  readonly runtime: Runtime;
  readonly http: string;
  readonly folder: string;
  deploy(one: TestDeploy): Promise<void>;
  get(
    path: string,
    options?: { method?: string; body?: string; headers?: Record<string, string> },
  ): Promise<TestAnswer>;
  restart(): Promise<void>;
}

export async function startTestRuntime(
  options: Partial<RuntimeOptions> = {},
): Promise<TestRuntime> {
  const folder = await mkdtemp(join(tmpdir(), "moc-runtime-"));
  const start = () => startRuntime({ dataFolder: folder, port: 0, httpPort: 0, ...options });
  let runtime = await start();
  return {
    get runtime() {
      return runtime;
    },
    get http() {
      return `http://127.0.0.1:${runtime.instance.httpPort}`;
    },
    folder,
    deploy: (one) => deployTo(runtime, one),
    get: (path, request = {}) => ask(runtime.instance.httpPort ?? 0, path, request),
    async restart() {
      await runtime.stop();
      runtime = await start();
    },
    async [Symbol.asyncDispose]() {
      await runtime.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function deployTo({ state }: Runtime, one: TestDeploy): Promise<void> {
  const contentType = one.js === undefined ? "application/wasm" : "text/javascript";
  const bytes =
    one.wasm ?? (one.js === undefined ? await parseWat(one.wat ?? "") : Buffer.from(one.js));
  const { techID } = await state.blobs.register(contentType, bytes);
  await deploy(state, {
    name: one.name,
    techID,
    settings: one.settings ?? {},
    plugs: (one.plugs ?? [{ path: `/${one.name}` }]).map(
      (plug): NewPlug => ({
        type: "function",
        method: plug.method ?? "get",
        path: plug.path,
        name: one.name,
        start_function: plug.start ?? "",
        data: "",
        tags: {},
      }),
    ),
    filters: (one.filters ?? []).map((filter) => ({
      start_function: filter.start,
      data: "",
      order: 0,
    })),
  });
}

/** A runtime with one well-behaved function, which answers `hello` at `/hello`. */
export async function startWithHello(): Promise<TestRuntime> {
  const host = await startTestRuntime();
  await host.deploy({
    name: "hello",
    js: "export default { fetch: () => new Response('hello') };",
  });
  return host;
}

/** WebAssembly text to bytes, with the features that engines have today. */
export async function parseWat(text: string): Promise<Uint8Array> {
  const wabt = await wabtInit();
  const parsed = wabt.parseWat("test.wat", text, { bulk_memory: true, reference_types: true });
  const { buffer } = parsed.toBinary({ write_debug_names: true });
  parsed.destroy();
  return buffer;
}

function ask(
  port: number,
  path: string,
  {
    method = "GET",
    body,
    headers = {},
  }: { method?: string; body?: string; headers?: Record<string, string> },
): Promise<TestAnswer> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: "127.0.0.1", port, path, method, headers, agent: false },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(parts).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: text.startsWith("{") ? JSON.parse(text) : {},
            durationMs: performance.now() - startedAt,
          });
        });
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}
