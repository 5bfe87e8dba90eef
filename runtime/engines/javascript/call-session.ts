import type { CallContext } from "../../guest-api/call-context.ts";
import { OutputBuffer } from "../../guest-api/output-buffer.ts";
import { MocError } from "../../protocol/errors.ts";
import { PLATFORM_LIMITS } from "../../protocol/limits.ts";
import type { LogLevel } from "../../protocol/model.ts";
import { askHost } from "./ask-operations.ts";
import type { CallArguments } from "./call-arguments.ts";
import { ASK, OP } from "./guest/ops.ts";
import type { GuestApiTable } from "./guest-api-table.ts";
import {
  type GuestFailure,
  type HostValue,
  type Internals,
  Json,
  parseFailure,
} from "./host-value.ts";
import type { Machine } from "./machine.ts";
import { isPure, PureOperations } from "./pure-operations.ts";
import { requestFacts, requestLine } from "./request-facts.ts";
import type { Turns } from "./turns.ts";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];
/** Questions to the host without an answer yet. */
const ASKED_MAX = 10_000;

/** What a session needs of the function it runs. */
interface SessionOptions {
  readonly machine: Machine;
  readonly turns: Turns;
  readonly internals: Internals;
  readonly table: GuestApiTable;
  readonly context: CallContext;
  readonly vars: Readonly<Record<string, string>>;
  /** Calls share the machine: another one may fulfil what this one waits for. */
  readonly shared: boolean;
  /** Puts the stream classes into the machine. */
  loadStreams(): void;
  /** The error of a guest, with its place in the user's source. */
  explain(failure: GuestFailure): MocError;
}

/** One call in a machine: enters the guest, answers what it asks, and knows when it is over. */
export class CallSession {
  readonly #options: SessionOptions;
  readonly #pure = new PureOperations();
  readonly #timers = new Map<number, NodeJS.Timeout>();
  #asked = 0;
  #ended = false;
  /** The guest waits in a blocking call. */
  #suspended = false;
  #active: Promise<void> | undefined;
  #returned: number | undefined;
  #result = 0;
  #error: MocError | undefined;
  #wake: (() => void) | undefined;
  #watching = false;
  readonly #onAbort = () => this.#abort();

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Enters the guest and waits until its call is over. @throws MocError */
  async run(enter: keyof Internals, args: readonly HostValue[]): Promise<number> {
    const { machine, internals } = this.#options;
    try {
      const turn = this.#turn(async () => {
        const result = await machine.call(internals[enter], args);
        if (machine.isException(result)) this.#fail(this.#explain(machine.describe(result)));
        // A script's number is its result; undefined means that a promise will say.
        else if (machine.isNumber(result)) this.#returned = machine.integer(result);
        machine.freeValue(result);
      });
      await (this.#watching ? Promise.race([turn, this.#over()]) : turn);
      if (!this.#ended) await this.#over();
    } finally {
      await this.#close();
    }
    if (this.#error) throw this.#error;
    return this.#result;
  }

  /** Lets the guest run, and everything that its promises then do. */
  async #turn(work: () => Promise<void>): Promise<void> {
    const { machine, turns } = this.#options;
    try {
      this.#active = turns.run(async () => {
        if (this.#ended) return;
        if (machine.fault) throw machine.fault;
        machine.host = (operation, args) => this.#answer(operation, args);
        await work();
        // What nobody waits for is dropped with the machine, unless others share it.
        await machine.runJobs(() => this.#ended && !this.#options.shared);
        if (this.#returned !== undefined) this.#finish(this.#returned);
      });
      await this.#active;
    } catch (error) {
      // A guest that finished and then ran wild in its promise jobs has failed all the same.
      if (machine.fault) this.#error = machine.fault;
      this.#fail(MocError.from(error));
    }
    if (!this.#ended && this.#asked === 0 && this.#timers.size === 0 && !this.#options.shared) {
      this.#fail(
        new MocError(
          "MOC_GUEST_ERROR",
          "the function's promise can never be fulfilled: nothing that it waits for is pending",
        ),
      );
    }
  }

  #over(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    this.#watch();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #finish(result: number): void {
    this.#result = result;
    this.#end();
  }

  #fail(error: MocError): void {
    if (this.#ended) return;
    this.#error = error;
    this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async #close(): Promise<void> {
    this.#ended = true;
    const { machine, shared } = this.#options;
    // Only a machine at rest can be given to the next call.
    if (!shared && this.#suspended) machine.condemn(this.#error ?? callIsOver());
    else if (!shared) await this.#active?.catch(() => undefined);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    if (this.#watching) this.#options.context.signal.removeEventListener("abort", this.#onAbort);
  }

  /** From the first wait on, a cancelled call ends at once. */
  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    const { signal } = this.#options.context;
    if (signal.aborted) this.#abort();
    else signal.addEventListener("abort", this.#onAbort);
  }

  #abort(): void {
    const { machine, context, shared } = this.#options;
    const error = MocError.from(context.signal.reason);
    // Its guest may be in the middle of something: nobody else can use the machine.
    if (!shared) machine.condemn(error);
    this.#fail(error);
  }

  #explain(failure: GuestFailure): MocError {
    return this.#options.explain(failure);
  }

  #answer(operation: number, args: CallArguments): HostValue | Promise<HostValue> {
    if (isPure(operation)) return this.#pure.answer(operation, args);
    const { context, table } = this.#options;
    if (operation === OP.LOG) {
      context.log(LEVELS[args.integer(0)] ?? "info", args.text(1));
      return undefined;
    }
    if (this.#ended) throw callIsOver();
    switch (operation) {
      case OP.API:
        return this.#blocking(table.invokeLeniently(context, args.integer(0), args, 1));
      case OP.ASK:
        return this.#ask(args);
      case OP.FINISH:
        this.#finish(args.integer(0));
        return undefined;
      case OP.FAIL:
        this.#fail(this.#explain(parseFailure(args.text(0))));
        return undefined;
      case OP.TIMER:
        return this.#startTimer(args.integer(0), args.number(1));
      case OP.TIMER_CLEAR:
        return this.#clearTimer(args.integer(0));
      case OP.LOAD_STREAMS:
        this.#options.loadStreams();
        return undefined;
      case OP.REQUEST:
        return new Json(JSON.stringify(requestFacts(context, this.#options.vars)));
      case OP.REQUEST_LINE:
        return requestLine(context);
      case OP.RESPOND:
        return this.#respond(args);
      default:
        throw new TypeError(`there is no operation ${operation}`);
    }
  }

  #blocking(answer: HostValue | Promise<HostValue>): HostValue | Promise<HostValue> {
    if (!(answer instanceof Promise)) return answer;
    this.#watch();
    this.#suspended = true;
    return answer.finally(() => {
      this.#suspended = false;
    });
  }

  /** Begins something whose answer goes to `settle`. */
  #ask(args: CallArguments): undefined {
    const { context, table } = this.#options;
    const id = args.integer(0);
    const code = args.integer(1);
    if (this.#asked >= ASKED_MAX) {
      throw new RangeError(`the call waits for ${ASKED_MAX} answers already; await some first`);
    }
    let answer: HostValue | Promise<HostValue>;
    try {
      answer =
        code === ASK.API
          ? table.invoke(context, args.integer(2), args, 3)
          : askHost(context, code, args);
    } catch (error) {
      answer = Promise.reject(error);
    }
    this.#asked++;
    Promise.resolve(answer).then(
      (value) => this.#settle(id, false, value),
      (error) => this.#settle(id, true, errorFacts(error)),
    );
    return undefined;
  }

  #settle(id: number, failed: boolean, value: HostValue): void {
    if (this.#ended) return;
    const { machine, internals } = this.#options;
    void this.#turn(async () => {
      this.#asked--;
      machine.freeValue(await machine.call(internals.settle, [id, failed, value]));
    });
  }

  #startTimer(id: number, ms: number): undefined {
    if (this.#timers.size >= PLATFORM_LIMITS.timers.value) {
      throw new RangeError(`the call has ${PLATFORM_LIMITS.timers.value} timers already`);
    }
    const { machine, internals } = this.#options;
    const timer = setTimeout(() => {
      if (this.#ended) return;
      void this.#turn(async () => {
        if (!this.#timers.delete(id)) return;
        const result = await machine.call(internals.settle, [id, false, undefined]);
        if (machine.isException(result)) this.#fail(this.#explain(machine.describe(result)));
        machine.freeValue(result);
      });
    }, ms);
    this.#timers.set(id, timer);
    return undefined;
  }

  #clearTimer(id: number): undefined {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    return undefined;
  }

  /** Status, headers, and the body as far as it is there. */
  #respond(args: CallArguments): undefined {
    const { context } = this.#options;
    const output = context.buffers.get(context.output);
    const status = args.integer(0);
    if (status < 200 || status > 599)
      throw new TypeError(`${status} is not a status to answer with`);
    output.status = status;
    setHeaders(output.headers, args.text(1));
    const written = args.isUndefined(2) ? undefined : output.write(args.bytes(2));
    const last = args.integer(3) === 1;
    if (written) this.#after(written, () => last && this.#finish(status));
    else if (last) this.#finish(status);
    // The rest follows as it is made: the client should not wait for it.
    if (!last && output instanceof OutputBuffer) this.#after(output.flush(), () => undefined);
    return undefined;
  }

  #after(work: Promise<void>, then: () => void): void {
    this.#asked++;
    work.then(
      () => {
        this.#asked--;
        then();
      },
      (error) => this.#fail(MocError.from(error)),
    );
  }
}

/** Headers as JSON, or nothing but a content type. */
function setHeaders(headers: Map<string, string>, text: string): void {
  if (text.startsWith("{")) {
    const record = JSON.parse(text) as Record<string, string>;
    for (const name in record) headers.set(name, record[name] ?? "");
  } else if (text !== "") headers.set("content-type", text);
}

function errorFacts(error: unknown): Json {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const code = error instanceof MocError ? error.code : undefined;
  return new Json(JSON.stringify({ name, message, code }));
}

function callIsOver(): MocError {
  return new MocError("MOC_CANCELLED", "the call is over; keep it alive with ctx.waitUntil");
}
