/** A front with an in-process platform behind it, for the tests of this folder. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { connect } from "node:tls";
import { WebSocket } from "ws";
import type { CallEnd, CallRunner, CallStart } from "../core/call.ts";
import { splitPath } from "../core/path-pattern.ts";
import { type PlugMatch, PlugTree } from "../core/plug-tree.ts";
import { MocError } from "../protocol/errors.ts";
import type { FunctionLimits } from "../protocol/limits.ts";
import type { Filter, Plug } from "../protocol/model.ts";
import { createCertificate, type KeyAndCertificate } from "./create-certificate.ts";
import { createFront, type Front, type FrontOptions } from "./front.ts";
import type { FrontParts } from "./front-parts.ts";

export const TOKEN = "token-of-the-tests";

type Guest = (start: CallStart) => Partial<CallEnd> | Promise<Partial<CallEnd>>;

/** Functions are plain closures; plugs are matched by the platform's own tree. */
export class TestPlatform implements FrontParts, CallRunner {
  readonly guests = new Map<string, Guest>();
  readonly files = new Map<string, { contentType: string; content: Uint8Array }>();
  readonly plugged: Plug[] = [];
  readonly filterList: Filter[] = [];
  readonly limits = new Map<string, Partial<FunctionLimits>>();
  readonly starts: CallStart[] = [];
  readonly defects: Error[] = [];
  readonly calls = this;
  readonly plugs = { match: this.#match.bind(this), methodsFor: this.#methodsFor.bind(this) };
  readonly filters = { list: () => this.filterList };
  readonly names = { resolve: this.#resolve.bind(this) };
  readonly blobs = { info: this.#info.bind(this), bytes: this.#bytes.bind(this) };

  onDefect = (error: Error): void => {
    this.defects.push(error);
  };

  /** Plugs a closure on a path. */
  on(method: string, path: string, guest: Guest, more: Partial<Plug> = {}): void {
    const name = `${method} ${path}`;
    this.guests.set(name, guest);
    const base = { method, path, name, host: "", tags: {}, type: "function" } as const;
    this.plugged.push({ ...base, start_function: "", data: "", ...more } as Plug);
  }

  file(path: string, contentType: string, content: string): void {
    const bytes = Buffer.from(content);
    this.files.set(path, { contentType, content: bytes });
    this.plugged.push({ type: "file", method: "get", path, name: path, host: "", tags: {} });
  }

  filter(name: string, guest: Guest, data = ""): void {
    this.guests.set(name, guest);
    this.filterList.push({ id: name, name, start_function: "", data, order: 0 });
  }

  async run(start: CallStart): Promise<CallEnd> {
    const guest = this.guests.get(start.name);
    if (!guest) throw new MocError("MOC_NOT_FOUND", `No function ${start.name}.`);
    // A guest of the platform sees the headers as they are when its call starts.
    const seen = { ...start, headers: { ...start.headers } };
    this.starts.push(seen);
    const end = await guest(seen);
    return {
      id: 1,
      result: 0,
      headers: start.outputHeaders ?? {},
      body: new Uint8Array(0),
      started: false,
      exited: false,
      closed: false,
      ...end,
    };
  }

  #match(method: string, host: string, path: string): PlugMatch | undefined {
    const parts = splitPath(path);
    return this.#tree(host).match(method, parts) ?? this.#tree("").match(method, parts);
  }

  #methodsFor(_host: string, path: string): string[] {
    const found = new Set<string>();
    this.#tree("").methods(splitPath(path), found);
    return [...found].map((method) => method.toUpperCase());
  }

  /** Tests change the list of plugs as they like. */
  #tree(host: string): PlugTree {
    const tree = new PlugTree();
    for (const plug of this.plugged) if (plug.host === host) tree.add(plug);
    return tree;
  }

  #resolve(name: string) {
    const limits = this.limits.get(name);
    const file = this.files.get(name);
    const techID = file ? hash(file.content) : "0".repeat(64);
    return { name, techID, settings: limits ? { limits } : {} };
  }

  #info(techID: string) {
    const file = this.#file(techID);
    return (
      file && { techID, contentType: file.contentType, length: file.content.length, createdAt: 0 }
    );
  }

  async #bytes(techID: string): Promise<Uint8Array> {
    return this.#file(techID)?.content ?? new Uint8Array(0);
  }

  #file(techID: string) {
    return [...this.files.values()].find(({ content }) => hash(content) === techID);
  }
}

let certificate: Promise<KeyAndCertificate> | undefined;

/** One certificate for all tests of a file. */
export function testCertificate(): Promise<KeyAndCertificate> {
  certificate ??= createCertificate(["localhost", "127.0.0.1", "::1"]);
  return certificate;
}

interface TestAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface TestRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
  readonly maxHeaderSize?: number;
}

/** A running front and a client that verifies its certificate. */
export class TestFront implements AsyncDisposable {
  readonly platform: TestPlatform;
  readonly front: Front;
  readonly cert: string;
  readonly #agent: Agent;

  constructor(platform: TestPlatform, front: Front, cert: string) {
    this.platform = platform;
    this.front = front;
    this.cert = cert;
    this.#agent = new Agent({ ca: cert, keepAlive: true });
  }

  static async start(options: Partial<FrontOptions> = {}): Promise<TestFront> {
    const platform = new TestPlatform();
    const { key, cert } = await testCertificate();
    const own = { port: 0, httpPort: 0, key, cert, adminToken: TOKEN, graceMs: 200 };
    const front = createFront({ ...own, ...options }, platform);
    await front.listen();
    return new TestFront(platform, front, cert);
  }

  /** The name in the certificate, whatever Host a test sends. */
  get #tls() {
    return { agent: this.#agent, servername: "localhost" };
  }

  get host(): string {
    return `localhost:${this.front.address.port}`;
  }

  fetch(path: string, options: TestRequest = {}): Promise<TestAnswer> {
    return send(httpsRequest(`https://${this.host}${path}`, { ...options, ...this.#tls }), options);
  }

  fetchPlain(path: string, options: TestRequest = {}): Promise<TestAnswer> {
    const port = this.front.address.httpPort;
    return send(
      httpRequest(`http://localhost:${port}${path}`, { ...options, agent: false }),
      options,
    );
  }

  /** Opens a websocket over https. */
  socket(path: string, headers: Record<string, string> = {}): WebSocket {
    return new WebSocket(`wss://${this.host}${path}`, { ca: this.cert, headers });
  }

  /** Sends bytes over https as they are, and answers everything that came until the end. */
  async raw(text: string): Promise<string> {
    const socket = connect({ port: this.front.address.port, host: "localhost", ca: this.cert });
    await once(socket, "secureConnect");
    socket.write(text.replaceAll("\n", "\r\n"));
    return Buffer.concat(await socket.toArray()).toString();
  }

  /** The raw request of a client for streamed bodies. */
  request(path: string, options: TestRequest = {}) {
    return httpsRequest(`https://${this.host}${path}`, { ...options, ...this.#tls });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    await this.front.close();
  }
}

function send(request: ReturnType<typeof httpRequest>, options: TestRequest): Promise<TestAnswer> {
  return new Promise((resolve, reject) => {
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    request.end(options.body);
  });
}

function hash(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
