import { MocError } from "../protocol/errors.ts";
import type { CallMessage, FunctionImage, ResultMessage } from "../protocol/executor-messages.ts";
import type { HostOpName } from "../protocol/host-ops.ts";
import type { CallReport, LogLevel } from "../protocol/model.ts";
import { type CallEnd, type CallRunner, type CallStart, mayChangePlatform } from "./call.ts";
import { CountedStream } from "./counted-stream.ts";
import { answerStatus, type EndedCall } from "./exchanges.ts";
import type { ExecutorJob, Executors } from "./executors.ts";
import type { FunctionImages } from "./function-images.ts";
import { type GuestPlatform, HostServices } from "./host-services.ts";
import type { HostStream } from "./host-stream.ts";
import type { StreamedOutput } from "./streamed-output.ts";

/** Told of everything that happens to calls. */
interface CallObserver {
  log(level: LogLevel, text: string, functionName: string, call: number): void;
  /** @param call what its report leaves out; valid during this call only */
  ended(report: CallReport, call: EndedCall): void;
}

interface CallsParts {
  readonly images: FunctionImages;
  readonly executors: Executors;
  readonly observer: CallObserver;
  readonly trace: boolean;
  /** Given after construction, since the platform itself makes calls. */
  platform(): GuestPlatform;
}

const NO_HEADERS = {};
const NONE: readonly never[] = [];
const NO_SPANS: CallReport["spans"] = [];
const EMPTY = new Uint8Array(0);
const ID_MAX = 2 ** 31 - 1;
const TEXT_MAX = 2000;
/** A websocket call ends with its socket; idle time is watched by the front. */
const ENDLESS_MS = Number.POSITIVE_INFINITY;

/** Runs functions: finds them, gives them to the executors, serves and reports them. */
export class Calls implements CallRunner {
  readonly #parts: CallsParts;
  #lastID = 0;
  #running = 0;

  constructor(parts: CallsParts) {
    this.#parts = parts;
  }

  /** Calls that run now. */
  get running(): number {
    return this.#running;
  }

  async run(start: CallStart): Promise<CallEnd> {
    const { images } = this.#parts;
    const image = images.cached(start.name) ?? (await images.get(start.name));
    checkStart(image, start);
    this.#lastID = this.#lastID >= ID_MAX ? 1 : this.#lastID + 1;
    this.#running++;
    try {
      return await new RunningCall(this.#parts, this.#lastID, image, start).run();
    } finally {
      this.#running--;
    }
  }
}

function checkStart(image: FunctionImage, start: CallStart): void {
  const depth = start.parent?.depth ?? 0;
  if (depth >= image.limits.callDepth) {
    throw new MocError(
      "MOC_LIMIT_DEPTH",
      `functions call each other more than ${image.limits.callDepth} deep, last '${image.name}' (limits.callDepth)`,
    );
  }
  if (start.parent && !start.parent.platform && mayChangePlatform(image)) {
    // Else a guest could do through it what its own deploy does not allow.
    throw new MocError(
      "MOC_CAPABILITY",
      `'${image.name}' may change the platform, so only functions with the capability 'platform' may call it`,
    );
  }
  const size = start.body?.length ?? 0;
  if (size > image.limits.requestMiB * 2 ** 20) {
    throw new MocError(
      "MOC_TOO_LARGE",
      `the input has ${size} bytes; '${image.name}' takes ${image.limits.requestMiB} MiB at most (limits.requestMiB)`,
    );
  }
}

/** @param text the headers as JSON, which is a little longer than they are */
function checkHeaders(image: FunctionImage, headers: CallStart["headers"], text: string): void {
  const max = image.limits.headersKiB * 1024;
  if (text.length <= max) return;
  let size = 0;
  for (const name in headers) {
    // What the platform says of a request is not the sender's.
    if (!name.startsWith("x-moc-")) size += name.length + (headers[name]?.length ?? 0);
  }
  if (size <= max) return;
  throw new MocError(
    "MOC_TOO_LARGE",
    `the request's headers have ${size} bytes; '${image.name}' takes ${max} (limits.headersKiB)`,
  );
}

/** One call while it runs; is its own job for the executors, so that a call makes few objects. */
class RunningCall implements ExecutorJob, EndedCall {
  readonly message: CallMessage;
  readonly start: CallStart;
  result: ResultMessage | undefined;
  error: MocError | undefined;
  readonly timeoutMs: number;
  readonly #parts: CallsParts;
  readonly #image: FunctionImage;
  readonly #id: number;
  readonly #at = Date.now();
  readonly #startedAt = performance.now();
  #begunAt = 0;
  #logLines = 0;
  #input: CountedStream | undefined;
  #services: HostServices | undefined;
  #abort: AbortController | undefined;

  constructor(parts: CallsParts, id: number, image: FunctionImage, start: CallStart) {
    this.#parts = parts;
    this.#id = id;
    this.#image = image;
    this.start = start;
    const limit = start.outputStream ? ENDLESS_MS : image.limits.timeoutMs;
    this.timeoutMs = image.debug ? ENDLESS_MS : Math.min(start.timeoutMs ?? limit, limit);
    this.message = this.#message();
  }

  async run(): Promise<CallEnd> {
    const { signal } = this.start;
    const onAbort = () => this.#parts.executors.cancel(this.#id, cancelled());
    if (signal?.aborted) throw cancelled();
    signal?.addEventListener("abort", onAbort);
    try {
      const result = await this.#parts.executors.run(this.#image, this);
      this.result = result;
      this.error = result.error ? MocError.fromJSON(result.error) : this.#silentFailure(result);
    } catch (thrown) {
      this.error = MocError.from(thrown);
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.#release();
    }
    this.#parts.observer.ended(this.#report(), this);
    const { result, error } = this;
    if (error || !result) throw error ?? new TypeError("a call without result");
    return {
      id: this.#id,
      result: result.result,
      exited: result.exited ?? false,
      status: result.status,
      headers: result.headers ?? NO_HEADERS,
      body: result.body ?? EMPTY,
      started: this.streamed !== undefined,
      closed: result.closed ?? false,
      inputHeaders: result.inputHeaders,
    };
  }

  get streamed(): StreamedOutput | undefined {
    return this.#services?.streamed;
  }

  started(): void {
    this.#begunAt = performance.now();
  }

  serve(name: HostOpName, args: readonly unknown[]): Promise<unknown> {
    return this.#serving().serve(name, args);
  }

  log(level: LogLevel, text: string): void {
    this.#logLines++;
    this.#parts.observer.log(level, text, this.#image.name, this.#id);
  }

  /** A program behind a URL that failed and said nothing: an empty success would hide it. */
  #silentFailure({ exited, result, status, body }: ResultMessage): MocError | undefined {
    if (!exited || result === 0 || this.start.trigger !== "http") return undefined;
    if (status !== undefined || body !== undefined || this.streamed) return undefined;
    return new MocError(
      "MOC_GUEST_EXIT",
      `program '${this.#image.name}' ended with exit code ${result} and wrote nothing; its log (stderr) may say why`,
    );
  }

  #serving(): HostServices {
    if (this.#services) return this.#services;
    this.#abort = new AbortController();
    this.#services = new HostServices(this.#parts.platform(), {
      id: this.#id,
      depth: (this.start.parent?.depth ?? 0) + 1,
      image: this.#image,
      startedAt: this.#startedAt,
      deadlineAt: this.#startedAt + this.timeoutMs,
      signal: this.#abort.signal,
      sink: this.start.sink,
    });
    return this.#services;
  }

  #release(): void {
    if (!this.#services) return;
    this.#abort?.abort(cancelled());
    const kept = [this.#input, this.start.outputStream].filter(
      (one): one is HostStream => one !== undefined,
    );
    this.#services.close(new Set(kept));
  }

  #message(): CallMessage {
    const start = this.start;
    const { stream, outputStream, outputHeaders, body } = start;
    const headers = JSON.stringify(start.headers);
    checkHeaders(this.#image, start.headers, headers);
    this.#input = stream && new CountedStream(stream);
    return {
      kind: "call",
      call: this.#id,
      startFunction: start.startFunction || this.#image.settings.start || "",
      mode: start.mode ?? this.#image.settings.mode,
      arguments: start.arguments ?? NONE,
      posixFileName: start.posixFileName ?? "",
      posixArguments: start.posixArguments ?? NONE,
      headers,
      body,
      stream: this.#input && this.#serving().addStream(this.#input),
      outputStream: outputStream && this.#serving().addStream(outputStream),
      messages: stream?.messages ?? false,
      sink: start.sink !== undefined,
      outputHeaders,
      trace: this.#parts.trace,
    };
  }

  #report(): CallReport {
    const { start, result, error } = this;
    const status = answerStatus(this);
    const now = performance.now();
    const report: Writable<CallReport> = {
      id: this.#id,
      function: this.#image.name,
      techID: this.#image.techID,
      startFunction: shortText(this.message.startFunction),
      trigger: start.trigger,
      at: this.#at,
      durationMs: now - this.#startedAt,
      queueMs: (this.#begunAt || now) - this.#startedAt,
      bytesIn: this.#input?.length ?? start.body?.length ?? 0,
      bytesOut: (this.streamed?.length ?? 0) + (result?.body?.length ?? 0),
      memoryBytes: result?.memoryBytes ?? 0,
      logLines: this.#logLines,
      spans: this.#services?.spans ?? NO_SPANS,
    };
    if (start.parent) report.parent = start.parent.id;
    if (start.target !== undefined) report.target = shortText(start.target);
    if (result) report.result = result.result;
    if (status !== undefined) report.status = status;
    if (error) report.error = error.toJSON();
    if (result?.gpu !== undefined) report.gpu = result.gpu;
    return report;
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Reports are kept, and others choose these texts. */
function shortText(text: string): string {
  if (text.length <= TEXT_MAX) return text;
  // A copy: a slice would keep the whole text alive.
  return Buffer.from(text.slice(0, TEXT_MAX)).toString();
}

function cancelled(): MocError {
  return new MocError("MOC_CANCELLED", "the caller gave up before the call ended");
}
