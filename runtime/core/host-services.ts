import { MocError } from "../protocol/errors.ts";
import type { FunctionImage } from "../protocol/executor-messages.ts";
import type {
  BufferRef,
  GpuAnswer,
  GpuPart,
  Headers,
  HostOpName,
  HostOps,
  ModuleImage,
  PlatformAnswer,
} from "../protocol/host-ops.ts";
import type { CallSpan } from "../protocol/model.ts";
import { type CallRunner, mayChangePlatform } from "./call.ts";
import { collectInput } from "./gpu-input.ts";
import type { HostStream, OutputSink } from "./host-stream.ts";
import type { OutboundClient } from "./outbound-client.ts";
import { StreamedOutput } from "./streamed-output.ts";

const PIPE_BYTES = 256 * 1024;
const MiB = 2 ** 20;
const SPANS_MAX = 200;
const EMPTY = new Uint8Array(0);

/** The parts of the platform that guests may ask things of. */
export interface GuestPlatform {
  readonly kv: {
    get(key: Uint8Array): Uint8Array | undefined;
    batch(...args: Parameters<HostOps["kvBatch"]>): Promise<void>;
    list(...args: Parameters<HostOps["kvList"]>): Promise<ReturnType<HostOps["kvList"]>>;
  };
  readonly calls: CallRunner;
  readonly outbound: OutboundClient;
  readonly topics: {
    publish(topic: string, bytes: Uint8Array): void;
    /** @param ofCall counts what waits for all subscriptions of one call */
    subscribe(topic: string, ofCall: { bytes: number }): HostStream;
  };
  verifyJwt(token: string): Promise<string>;
  resolveName(reference: string): string;
  readBlob(reference: string): Promise<Uint8Array>;
  /** @param full with the plugs' data, which may hold secrets */
  coreStatus(full: boolean): string;
  resolveModule(name: string): Promise<ModuleImage | undefined>;
  operation(
    name: string,
    argument: unknown,
    body: Uint8Array | HostStream | undefined,
  ): Promise<{ readonly json?: unknown; readonly stream?: HostStream }>;
  gpu(
    operation: string,
    argument: unknown,
    inputs: readonly (readonly Uint8Array[])[],
    signal: AbortSignal,
  ): Promise<GpuAnswer>;
}

/** What the services must know of the call they serve. */
interface ServedCall {
  readonly id: number;
  readonly depth: number;
  readonly image: FunctionImage;
  readonly startedAt: number;
  readonly deadlineAt: number;
  readonly signal: AbortSignal;
  readonly sink: OutputSink | undefined;
}

type HostServer = {
  readonly [name in HostOpName]: (
    ...args: Parameters<HostOps[name]>
  ) => ReturnType<HostOps[name]> | Promise<ReturnType<HostOps[name]>>;
};

/** Kinds of the operations that appear in a call's waterfall. */
const SPAN_KINDS: { readonly [name in HostOpName]?: CallSpan["kind"] } = {
  kvGet: "store",
  kvBatch: "store",
  kvList: "store",
  callFunction: "call",
  httpRequest: "http",
  webSocketConnect: "http",
  gpu: "gpu",
};

/** The host's operations for one call. Streams it opened are closed when the call ends. */
export class HostServices implements HostServer {
  readonly spans: CallSpan[] = [];
  readonly #platform: GuestPlatform;
  readonly #call: ServedCall;
  readonly #streams = new Map<number, HostStream>();
  readonly #topicBytes = { bytes: 0 };
  #nextStream = 1;
  #subCalls = 0;
  #streamed: StreamedOutput | undefined;
  #closed = false;

  constructor(platform: GuestPlatform, call: ServedCall) {
    this.#platform = platform;
    this.#call = call;
  }

  /** What of the answer has gone out already; undefined before its head has. */
  get streamed(): StreamedOutput | undefined {
    return this.#streamed;
  }

  /**
   * Gives the guest access to a stream; the id is valid for this call only.
   * @throws MOC_LIMIT_BUFFERS, MOC_CANCELLED (the call is over); the stream is closed then
   */
  addStream(stream: HostStream): number {
    const { buffers } = this.#call.image.limits;
    if (this.#closed || this.#streams.size >= buffers) {
      stream.close();
      throw this.#closed
        ? new MocError("MOC_CANCELLED", "the call is over")
        : new MocError(
            "MOC_LIMIT_BUFFERS",
            `the call holds ${buffers} streams open already (limits.buffers)`,
          );
    }
    const id = this.#nextStream++;
    this.#streams.set(id, stream);
    return id;
  }

  async serve(name: HostOpName, args: readonly unknown[]): Promise<unknown> {
    // The executor is ours, and its arguments were marshalled from the declarations.
    const operation = this[name] as (...args: unknown[]) => unknown;
    const kind = SPAN_KINDS[name];
    if (!kind) return operation.apply(this, [...args]);
    const start = performance.now();
    try {
      return await operation.apply(this, [...args]);
    } finally {
      this.#addSpan(name, kind, start, args[0]);
    }
  }

  /** Lets go of everything; unread streams are closed. `kept` belong to the caller. */
  close(kept: ReadonlySet<HostStream>): void {
    this.#closed = true;
    for (const stream of this.#streams.values()) if (!kept.has(stream)) stream.close();
    this.#streams.clear();
  }

  kvGet(key: Uint8Array): Uint8Array | undefined {
    return this.#platform.kv.get(key);
  }

  kvBatch(...args: Parameters<HostOps["kvBatch"]>): Promise<void> {
    return this.#platform.kv.batch(...args);
  }

  kvList(...args: Parameters<HostOps["kvList"]>): Promise<ReturnType<HostOps["kvList"]>> {
    return this.#platform.kv.list(...args);
  }

  async callFunction(
    request: Parameters<HostOps["callFunction"]>[0],
  ): Promise<ReturnType<HostOps["callFunction"]>> {
    this.#countCall();
    const left = this.#call.deadlineAt - performance.now();
    const output = request.output === undefined ? undefined : this.#stream(request.output);
    const end = await this.#platform.calls.run({
      name: request.name,
      startFunction: request.startFunction,
      mode: request.mode,
      arguments: request.arguments,
      posixFileName: request.posixFileName,
      posixArguments: request.posixArguments,
      headers: request.input.headers,
      ...this.#content(request.input),
      outputStream: output,
      trigger: "call",
      parent: { id: this.#call.id, depth: this.#call.depth, platform: this.#isPlatform() },
      timeoutMs: Math.min(request.timeoutMs ?? Number.POSITIVE_INFINITY, left),
      signal: this.#call.signal,
    });
    return {
      result: end.result,
      ...(end.status !== undefined && { status: end.status }),
      headers: end.headers,
      bytes: end.body,
    };
  }

  async httpRequest(
    request: Parameters<HostOps["httpRequest"]>[0],
  ): Promise<ReturnType<HostOps["httpRequest"]>> {
    const content = request.body ? this.#content(request.body) : {};
    const answer = await this.#platform.outbound.request(
      {
        method: request.method,
        url: request.url,
        headers: request.headers,
        body: content.stream ?? content.body,
        redirect: request.redirect ?? true,
      },
      this.#outboundOptions(request.timeoutMs),
    );
    return {
      status: answer.status,
      headers: answer.headers,
      stream: this.addStream(answer.body),
    };
  }

  async webSocketConnect(url: string, headers: Headers): Promise<number> {
    const socket = await this.#platform.outbound.webSocket(url, headers, this.#outboundOptions());
    return this.addStream(socket);
  }

  async streamRead(stream: number, maxBytes: number): Promise<Uint8Array | undefined> {
    return this.#stream(stream).read(maxBytes);
  }

  async streamWrite(stream: number, bytes: Uint8Array): Promise<void> {
    return this.#stream(stream).write(bytes);
  }

  streamClose(stream: number): void {
    this.#stream(stream).close();
    this.#streams.delete(stream);
  }

  async streamPipe(from: number, to: number | "output"): Promise<void> {
    const source = this.#stream(from);
    const target = to === "output" ? this.#requireSink() : this.#stream(to);
    for (;;) {
      const part = await source.read(PIPE_BYTES);
      if (!part || this.#closed) break;
      if (to === "output") this.#streamed?.add(part);
      await target.write(part);
    }
    if (to !== "output") this.#stream(to).close();
  }

  outputStart(status: number, headers: Headers): void {
    const sink = this.#requireSink();
    sink.start(status, headers);
    this.#streamed = new StreamedOutput(status, headers);
  }

  async outputWrite(bytes: Uint8Array): Promise<void> {
    const sink = this.#requireSink();
    this.#streamed?.add(bytes);
    return sink.write(bytes);
  }

  publish(topic: string, bytes: Uint8Array): void {
    this.#platform.topics.publish(topic, bytes);
  }

  subscribe(topic: string): number {
    return this.addStream(this.#platform.topics.subscribe(topic, this.#topicBytes));
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#call;
      if (signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(ms, 2 ** 31 - 1));
      signal.addEventListener("abort", done);
    });
  }

  verifyJwt(token: string): Promise<string> {
    return this.#platform.verifyJwt(token);
  }

  resolveName(reference: string): string {
    return this.#platform.resolveName(reference);
  }

  readBlob(reference: string): Promise<Uint8Array> {
    return this.#platform.readBlob(reference);
  }

  coreStatus(): string {
    return this.#platform.coreStatus(this.#isPlatform());
  }

  async platform(name: string, argument: unknown, body?: BufferRef): Promise<PlatformAnswer> {
    if (!this.#isPlatform()) {
      throw new MocError(
        "MOC_CAPABILITY",
        `function '${this.#call.image.name}' was deployed without the capability 'platform'`,
      );
    }
    const content = body ? this.#content(body) : {};
    const answer = await this.#platform.operation(name, argument, content.stream ?? content.body);
    return {
      json: answer.json,
      ...(answer.stream && { stream: this.addStream(answer.stream) }),
    };
  }

  async gpu(
    operation: string,
    argument: unknown,
    inputs: readonly (readonly GpuPart[])[],
  ): Promise<GpuAnswer> {
    const { requestMiB, memoryMiB } = this.#call.image.limits;
    const maxBytes = Math.max(requestMiB, memoryMiB) * MiB;
    const whole = inputs.map((one) => collectInput(one, maxBytes, (id) => this.#stream(id)));
    const { signal } = this.#call;
    return this.#platform.gpu(operation, argument, await Promise.all(whole), signal);
  }

  resolveModule(name: string): Promise<ModuleImage | undefined> {
    return this.#platform.resolveModule(name);
  }

  #isPlatform(): boolean {
    return mayChangePlatform(this.#call.image);
  }

  #stream(id: number): HostStream {
    const stream = this.#streams.get(id);
    if (stream) return stream;
    throw new MocError("MOC_BUFFER_UNKNOWN", `stream ${id} is not open in this call`);
  }

  #content(ref: BufferRef): { body?: Uint8Array; stream?: HostStream } {
    if (ref.stream !== undefined) return { stream: this.#stream(ref.stream) };
    return { body: ref.bytes ?? EMPTY };
  }

  #requireSink(): OutputSink {
    if (this.#call.sink) return this.#call.sink;
    throw new MocError("MOC_BAD_REQUEST", "the answer of this call can only be given whole");
  }

  #outboundOptions(timeoutMs = Number.POSITIVE_INFINITY) {
    return {
      allow: this.#call.image.settings.outbound ?? [],
      timeoutMs: Math.min(timeoutMs, this.#call.deadlineAt - performance.now()),
      signal: this.#call.signal,
    };
  }

  #countCall(): void {
    const { subCalls } = this.#call.image.limits;
    if (++this.#subCalls <= subCalls) return;
    throw new MocError(
      "MOC_LIMIT_CALLS",
      `function '${this.#call.image.name}' made more than ${subCalls} calls in one call (limits.subCalls)`,
    );
  }

  #addSpan(name: HostOpName, kind: CallSpan["kind"], start: number, first: unknown): void {
    if (this.spans.length >= SPANS_MAX || this.#closed) return;
    const detail = spanDetail(kind, first);
    this.spans.push({
      name,
      kind,
      start: round(start - this.#call.startedAt),
      duration: round(performance.now() - start),
      ...(detail && { detail }),
    });
  }
}

function spanDetail(kind: CallSpan["kind"], first: unknown): string | undefined {
  if (typeof first === "string") return kind === "http" ? shortUrl(first) : short(first);
  if (first instanceof Uint8Array) return Buffer.from(first.subarray(0, 100)).toString();
  if (typeof first !== "object" || first === null) return undefined;
  const { name, url } = first as { name?: unknown; url?: unknown };
  if (typeof url === "string") return shortUrl(url);
  return typeof name === "string" ? short(name) : undefined;
}

/** Credentials are secrets, and queries often hold some. */
function shortUrl(url: string): string | undefined {
  const parsed = URL.parse(url);
  return parsed ? short(`${parsed.protocol}//${parsed.host}${parsed.pathname}`) : undefined;
}

/** A copy, since reports are kept and a slice would keep the whole text alive. */
const short = (text: string) => Buffer.from(text.slice(0, 200)).toString();

const round = (ms: number) => Math.round(ms * 1000) / 1000;
