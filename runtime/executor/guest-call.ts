import type { CallOutcome, LoadedFunction } from "../engines/engine.ts";
import { type BufferID, BufferTable } from "../guest-api/buffer-table.ts";
import type { CallContext } from "../guest-api/call-context.ts";
import type { ExchangeBuffer } from "../guest-api/exchange-buffer.ts";
import type { KvReader } from "../guest-api/kv-reader.ts";
import { ByteBudget, MemoryBuffer } from "../guest-api/memory-buffer.ts";
import { OutputBuffer } from "../guest-api/output-buffer.ts";
import { StreamBuffer } from "../guest-api/stream-buffer.ts";
import { MocError } from "../protocol/errors.ts";
import type { CallMessage, FunctionImage, ResultMessage } from "../protocol/executor-messages.ts";
import type { HostClient } from "../protocol/host-ops.ts";
import type { FunctionLimits } from "../protocol/limits.ts";
import type { Capability, LogLevel } from "../protocol/model.ts";
import { cappedLog } from "./capped-log.ts";
import { shortJson } from "./short-error.ts";

const MiB = 2 ** 20;
/** What calls have of their executor. */
export interface CallPlace {
  /** Asks the host in the name of a call. */
  hostOf(call: number): HostClient;
  log(call: number, level: LogLevel, text: string): void;
  /** Absent: the host is asked. */
  readonly kv?: KvReader | undefined;
  /** Of all calls that run beside each other. */
  readonly budget?: ByteBudget | undefined;
}

const CAPABILITIES = new WeakMap<FunctionImage, ReadonlySet<Capability>>();

/** One call within an executor: its buffers, its log and its end. */
export class GuestCall implements CallContext {
  readonly call: number;
  readonly functionName: string;
  readonly startFunction: string;
  readonly buffers: BufferTable;
  readonly budget: ByteBudget;
  readonly input: BufferID;
  readonly output: BufferID;
  readonly trace: boolean;
  readonly limits: FunctionLimits;
  readonly capabilities: ReadonlySet<Capability>;
  readonly #place: CallPlace;
  readonly #message: CallMessage;
  readonly #input: ExchangeBuffer;
  readonly #output: ExchangeBuffer;
  // Made when somebody asks: most calls end before anybody does.
  #host: HostClient | undefined;
  #kv: KvReader | undefined;
  #log: CallContext["log"] | undefined;
  #abort: AbortController | undefined;
  #cancelled: MocError | undefined;
  #gpu: unknown;

  constructor(message: CallMessage, image: FunctionImage, place: CallPlace) {
    this.call = message.call;
    this.functionName = image.name;
    this.startFunction = message.startFunction;
    this.limits = image.limits;
    this.capabilities = capabilitiesOf(image);
    this.trace = message.trace;
    this.#place = place;
    this.#message = message;
    const { responseMiB, requestMiB } = image.limits;
    this.budget = new ByteBudget((responseMiB + requestMiB) * MiB, place.budget);
    this.buffers = new BufferTable(image.limits.buffers);
    this.#input = this.#openInput();
    this.#output = this.#openOutput();
    this.input = this.buffers.add(this.#input);
    this.output = this.buffers.add(this.#output);
  }

  get host(): HostClient {
    this.#host ??= this.#place.hostOf(this.call);
    return this.#host;
  }

  get kv(): KvReader {
    this.#kv ??= this.#place.kv ?? { get: (key: Uint8Array) => this.host.kvGet(key.slice()) };
    return this.#kv;
  }

  log(level: LogLevel, text: string): void {
    this.#log ??= cappedLog(
      (one, line) => this.#place.log(this.call, one, line),
      this.limits.logKiB,
    );
    this.#log(level, text);
  }

  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      if (this.#cancelled) this.#abort.abort(this.#cancelled);
    }
    return this.#abort.signal;
  }

  /** Why the call was ended from outside, if it was. */
  get cancelled(): MocError | undefined {
    return this.#cancelled;
  }

  cancel(error: MocError): void {
    this.#cancelled = error;
    this.#abort?.abort(error);
  }

  reportGpu(report: unknown): void {
    this.#gpu = report;
  }

  /** Never rejects: a failure is part of the result. */
  async run(loaded: LoadedFunction): Promise<ResultMessage> {
    const message = this.#message;
    let outcome: CallOutcome | undefined;
    let memoryBytes = 0;
    let error: MocError | undefined;
    try {
      outcome = await loaded.run(this, {
        startFunction: message.startFunction,
        mode: message.mode,
        arguments: message.arguments,
        posixFileName: message.posixFileName,
        posixArguments: message.posixArguments,
      });
      memoryBytes = outcome.memoryBytes;
    } catch (thrown) {
      error = MocError.from(thrown);
      memoryBytes = loaded.memoryBytes();
    }
    // Also where the guest caught the end of its call and answered something.
    error = this.#cancelled ?? error;
    return this.#finish(outcome, memoryBytes, error);
  }

  #finish(
    outcome: CallOutcome | undefined,
    memoryBytes: number,
    error: MocError | undefined,
  ): ResultMessage {
    const output = this.#output;
    const body = output instanceof MemoryBuffer ? output.drain() : undefined;
    const changed = this.#changedInputHeaders();
    // Written out, since spreading what there may be costs more than the rest.
    const answer: ResultMessage = {
      kind: "result",
      call: this.call,
      result: outcome?.result ?? 0,
      exited: outcome?.exited || undefined,
      status: output.status,
      headers: output.headers.size > 0 ? Object.fromEntries(output.headers) : undefined,
      body: body && body.length > 0 ? body : undefined,
      closed: output.closed || undefined,
      inputHeaders: changed,
      memoryBytes,
      error: error && shortJson(error),
      gpu: this.#gpu,
    };
    this.buffers.clear();
    this.budget.end();
    return answer;
  }

  #changedInputHeaders(): Record<string, string> | undefined {
    const input = this.#input;
    if (input instanceof MemoryBuffer && !input.headersRead) return undefined;
    const headers = Object.fromEntries(input.headers);
    return JSON.stringify(headers) === this.#message.headers ? undefined : headers;
  }

  #openInput(): ExchangeBuffer {
    const { stream, messages, headers, body } = this.#message;
    if (stream === undefined) {
      const buffer = new MemoryBuffer(this.budget, headers);
      if (body) buffer.write(body);
      return buffer;
    }
    return new StreamBuffer(this.host, {
      stream,
      messages,
      headers: new Map(Object.entries(JSON.parse(headers))),
      wholeMax: this.limits.requestMiB * MiB,
      budget: this.budget,
    });
  }

  #openOutput(): ExchangeBuffer {
    const { outputStream, outputHeaders, sink } = this.#message;
    const headers = new Map(outputHeaders && Object.entries(outputHeaders));
    if (outputStream === undefined) return new OutputBuffer(this, this.budget, sink, headers);
    return new StreamBuffer(this.host, {
      stream: outputStream,
      messages: true,
      headers,
      wholeMax: this.limits.responseMiB * MiB,
    });
  }
}

function capabilitiesOf(image: FunctionImage): ReadonlySet<Capability> {
  let set = CAPABILITIES.get(image);
  if (!set) {
    set = new Set(image.settings.capabilities);
    CAPABILITIES.set(image, set);
  }
  return set;
}
