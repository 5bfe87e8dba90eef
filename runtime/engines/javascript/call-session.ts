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
  type Host,
  type HostValue,
  type Internals,
  Json,
  parseFailure,
} from "./host-value.ts";
import type { Machine } from "./machine.ts";
import { isPure, PureOperations } from "./pure-operations.ts";
import type { Pointer } from "./quickjs-abi.ts";
import { requestFacts, requestLine } from "./request-facts.ts";
import type { Turns } from "./turns.ts";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];
/** Questions to the host without an answer yet. */
const ASKED_MAX = 10_000;
const MiB = 2 ** 20;

/** What the calls of a function have in common. */
export interface SessionFunction {
  readonly table: GuestApiTable;
  readonly vars: Readonly<Record<string, string>>;
  /** Calls share the machine: another one may fulfil what this one waits for. */
  readonly shared: boolean;
  /** Puts the stream classes into the machine of a call. */
  loadStreams(machine: Machine, context: CallContext): void;
  /** The error of a guest, with its place in the user's source. */
  explain(failure: GuestFailure): MocError;
}

/** One call in a machine: enters the guest, answers what it asks, and knows when it is over. */
export class CallSession implements Host {
  readonly #function: SessionFunction;
  readonly #machine: Machine;
  readonly #internals: Internals;
  readonly #turns: Turns;
  readonly #context: CallContext;
  readonly #pure = new PureOperations();
  #timers: Map<number, NodeJS.Timeout> | undefined;
  #asked = 0;
  /** Turns that are not over. */
  #open = 0;
  /** What those questions carry: the host holds it until they are answered. */
  #askedBytes = 0;
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

  constructor(of: SessionFunction, machine: Machine, turns: Turns, context: CallContext) {
    if (!machine.internals) throw new TypeError("the machine has no prelude");
    this.#function = of;
    this.#machine = machine;
    this.#internals = machine.internals;
    this.#turns = turns;
    this.#context = context;
  }

  /** Enters the guest and waits until its call is over. @throws MocError */
  async run(enter: keyof Internals, args: readonly HostValue[]): Promise<number> {
    try {
      this.#active = this.#turn(() => this.#machine.call(this.#internals[enter], args));
      await (this.#watching ? Promise.race([this.#active, this.#over()]) : this.#active);
      if (!this.#ended) await this.#over();
    } finally {
      this.#close();
      // Only a machine at rest can be given to the next call.
      if (!this.#function.shared && !this.#suspended && this.#open > 0) await this.#active;
    }
    if (this.#error) throw this.#error;
    return this.#result;
  }

  /**
   * Lets the guest run, and everything that its promises then do. Never rejects.
   * @param enter undefined if there is no reason any more
   */
  async #turn(enter: () => Promise<Pointer> | undefined): Promise<void> {
    const machine = this.#machine;
    this.#open++;
    const before = this.#turns.enter();
    if (before) await before;
    try {
      if (!this.#ended) {
        if (machine.fault) throw machine.fault;
        machine.host = this;
        const entered = enter();
        if (entered) this.#take(await entered);
        // What nobody waits for is dropped with the machine, unless others share it.
        if (machine.hasJobs) await machine.runJobs(() => this.#ended && !this.#function.shared);
        if (this.#returned !== undefined) this.#finish(this.#returned);
      }
    } catch (error) {
      // A guest that finished and then ran wild in its promise jobs has failed all the same.
      if (machine.fault) this.#error = machine.fault;
      this.#fail(MocError.from(error));
    } finally {
      this.#turns.leave();
      this.#open--;
    }
    const waits = this.#asked > 0 || (this.#timers !== undefined && this.#timers.size > 0);
    if (!this.#ended && !waits && !this.#function.shared) {
      this.#fail(
        new MocError(
          "MOC_GUEST_ERROR",
          "the function's promise can never be fulfilled: nothing that it waits for is pending",
        ),
      );
    }
  }

  /** What the guest returned. */
  #take(result: Pointer): void {
    const machine = this.#machine;
    if (machine.isException(result)) this.#fail(this.#explain(machine.describe(result)));
    // A script's number is its result; undefined means that a promise will say.
    else if (machine.isNumber(result)) this.#returned = machine.integer(result);
    machine.freeValue(result);
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

  #close(): void {
    this.#ended = true;
    if (!this.#function.shared && this.#suspended) {
      this.#machine.condemn(this.#error ?? callIsOver());
    }
    if (this.#timers) for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers = undefined;
    if (this.#watching) this.#context.signal.removeEventListener("abort", this.#onAbort);
  }

  /** From the first wait on, a cancelled call ends at once. */
  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    const { signal } = this.#context;
    if (signal.aborted) this.#abort();
    else signal.addEventListener("abort", this.#onAbort);
  }

  #abort(): void {
    const error = MocError.from(this.#context.signal.reason);
    // Its guest may be in the middle of something: nobody else can use the machine.
    if (!this.#function.shared) this.#machine.condemn(error);
    this.#fail(error);
  }

  #explain(failure: GuestFailure): MocError {
    return this.#function.explain(failure);
  }

  /** What the guest asks for. */
  answer(operation: number, args: CallArguments): HostValue | Promise<HostValue> {
    if (isPure(operation)) return this.#pure.answer(operation, args);
    const context = this.#context;
    if (operation === OP.LOG) {
      context.log(LEVELS[args.integer(0)] ?? "info", args.text(1));
      return undefined;
    }
    if (this.#ended) throw callIsOver();
    switch (operation) {
      case OP.API:
        return this.#blocking(
          this.#function.table.invokeLeniently(context, args.integer(0), args, 1),
        );
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
        this.#function.loadStreams(this.#machine, context);
        return undefined;
      case OP.REQUEST:
        return new Json(JSON.stringify(requestFacts(context, this.#function.vars)));
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
    const context = this.#context;
    const id = args.integer(0);
    const code = args.integer(1);
    if (this.#asked >= ASKED_MAX) {
      throw new RangeError(`the call waits for ${ASKED_MAX} answers already; await some first`);
    }
    const { memoryMiB } = context.limits;
    if (this.#askedBytes >= memoryMiB * MiB) {
      throw new RangeError(
        `the call has ${memoryMiB} MiB on their way to the host already; await some first (limits.memoryMiB)`,
      );
    }
    let answer: HostValue | Promise<HostValue>;
    try {
      answer =
        code === ASK.API
          ? this.#function.table.invoke(context, args.integer(2), args, 3)
          : askHost(context, code, args);
    } catch (error) {
      answer = Promise.reject(error);
    }
    this.#asked++;
    const { taken } = args;
    this.#askedBytes += taken;
    const settle = (failed: boolean, value: HostValue): void => {
      this.#askedBytes -= taken;
      this.#settle(id, failed, value);
    };
    Promise.resolve(answer).then(
      (value) => settle(false, value),
      (error) => settle(true, errorFacts(error)),
    );
    return undefined;
  }

  #settle(id: number, failed: boolean, value: HostValue): void {
    if (this.#ended) return;
    this.#active = this.#turn(() => {
      this.#asked--;
      return this.#machine.call(this.#internals.settle, [id, failed, value]);
    });
  }

  #startTimer(id: number, ms: number): undefined {
    this.#timers ??= new Map();
    if (this.#timers.size >= PLATFORM_LIMITS.timers.value) {
      throw new RangeError(`the call has ${PLATFORM_LIMITS.timers.value} timers already`);
    }
    const timer = setTimeout(() => {
      if (this.#ended) return;
      this.#active = this.#turn(() => {
        if (!this.#timers?.delete(id)) return undefined;
        return this.#machine.call(this.#internals.settle, [id, false, undefined]);
      });
    }, ms);
    this.#timers.set(id, timer);
    return undefined;
  }

  #clearTimer(id: number): undefined {
    clearTimeout(this.#timers?.get(id));
    this.#timers?.delete(id);
    return undefined;
  }

  /** Status, headers, and the body as far as it is there. */
  #respond(args: CallArguments): undefined {
    const context = this.#context;
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
