import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { API_ROOT, REST, type RestName } from "../protocol/rest.ts";
import { type Runtime, startRuntime } from "../runtime.ts";
import type { RuntimeOptions } from "../runtime-options.ts";

interface RestAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly bytes: Buffer;
  /** The body as JSON, where it is. */
  readonly json: Record<string, unknown>;
}

export interface RestInput {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  /** An object is sent as JSON. */
  readonly body?: string | Uint8Array | object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A runtime in a folder of its own, and a client that knows the REST declaration's paths only. */
export class RestRuntime {
  readonly runtime: Runtime;
  readonly folder: string;
  /** Calls that were made, to find those that no test makes. */
  readonly called = new Set<RestName>();

  private constructor(runtime: Runtime, folder: string) {
    this.runtime = runtime;
    this.folder = folder;
  }

  static async start(options: Partial<RuntimeOptions> = {}): Promise<RestRuntime> {
    const folder = mkdtempSync(join(tmpdir(), "moc-rest-"));
    const runtime = await startRuntime({ dataFolder: folder, port: 0, ...options });
    return new RestRuntime(runtime, folder);
  }

  async stop(): Promise<void> {
    await this.runtime.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async call(name: RestName, input: RestInput = {}): Promise<RestAnswer> {
    const answer = await this.open(name, input);
    const parts: Buffer[] = [];
    for await (const part of answer) parts.push(part);
    const bytes = Buffer.concat(parts);
    const isJson = answer.headers["content-type"]?.startsWith("application/json");
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      bytes,
      json: isJson ? JSON.parse(bytes.toString()) : {},
    };
  }

  /** The answer as it comes. */
  open(name: RestName, input: RestInput = {}): Promise<IncomingMessage> {
    this.called.add(name);
    const { method, path } = REST[name];
    const filled = path.replace(/[!*]([^/]+)/g, (_, param: string) =>
      encodeURIComponent(input.path?.[param] ?? ""),
    );
    return this.send(method, `${API_ROOT}${filled}${input.query ? `?${input.query}` : ""}`, input);
  }

  async send(method: string, path: string, input: RestInput = {}): Promise<IncomingMessage> {
    const { url, certificate, token } = this.runtime.instance;
    const sent = request(url + path, {
      method,
      ca: certificate,
      headers: { authorization: `Bearer ${token}`, ...input.headers },
      agent: false,
    });
    const { body } = input;
    sent.end(
      body === undefined || typeof body === "string" || body instanceof Uint8Array
        ? body
        : JSON.stringify(body),
    );
    const [answer] = await once(sent, "response");
    return answer as IncomingMessage;
  }
}
