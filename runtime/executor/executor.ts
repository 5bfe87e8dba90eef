import { ChurnMap } from "../core/churn-map.ts";
import type { ExecutorJob } from "../core/executors.ts";
import { MocError } from "../protocol/errors.ts";
import type { FromExecutor, FunctionImage, ResultMessage } from "../protocol/executor-messages.ts";
import type { ExecutorChannel, Inspection, InspectionEvents, OpenChannel } from "./channel.ts";
import { lostError, startError, timeError } from "./executor-errors.ts";
import { ServiceTime } from "./service-time.ts";
import { Stillness } from "./stillness.ts";

export type ExecutorState = "starting" | "spare" | "loading" | "ready" | "ended";

/** Serves what a function asks while it is loaded. */
export type ServeLoading = Pick<ExecutorJob, "serve" | "log">;

interface RunningCall {
  readonly job: ExecutorJob;
  deadlineAt: number;
  /** The how-manieth call of this executor it is. */
  readonly order: number;
  cancelled: Cancelled | undefined;
  /** Its caller has the answer already; it stays until the executor is done with it. */
  settled: boolean;
  readonly end: CallEnding;
}

/** One of these is called, once. */
export interface CallEnding {
  resolve(result: ResultMessage): void;
  reject(error: MocError): void;
  /** Not begun when the executor was lost: it may run elsewhere. */
  redo(): void;
}

interface Cancelled {
  readonly error: MocError;
  /** From then on the guest has a moment to give way. */
  since: number;
  /** How much of it it computes. */
  readonly still: Stillness;
}

interface Loading {
  readonly since: number;
  readonly serve: ServeLoading;
  resolve(): void;
  reject(error: MocError): void;
}

export interface ExecutorEvents {
  /** It can take more work. */
  idle(executor: Executor): void;
  ended(executor: Executor, reason: string): void;
}

/** Compiling and start-up code get at least this long, in ms: they are paid once per version. */
const LOAD_CPU_MS = 5000;

/** What a guest whose time is over may compute until it gives way. */
const CANCEL_GRACE_MS = 50;

/** The same where nobody waits for it any more: a busy machine should not cost its neighbours. */
const GONE_GRACE_MS = 250;

/** What cancelled calls may take to leave an executor that has no others. */
const LEAVE_MS = 5000;

let nextID = 1;

/** The host's side of one executor: its calls, its health, its end. */
export class Executor {
  readonly id = nextID++;
  readonly #channel: ExecutorChannel;
  readonly #events: ExecutorEvents;
  readonly #calls = new ChurnMap<number, RunningCall>();
  #state: ExecutorState = "starting";
  #image: FunctionImage | undefined;
  #links: readonly string[] = [];
  #loading: Loading | undefined;
  #pingSeq = 0;
  #pingSentAt: number | undefined;
  /** While a ping is out. */
  readonly #still: Stillness;
  #lastUsedAt = 0;
  #memoryBytes = 0;
  #inspected = false;
  #callCount = 0;
  /** Of them, those of functions that it had before. */
  #callsBefore = 0;
  readonly #service = new ServiceTime();

  constructor(open: OpenChannel, events: ExecutorEvents) {
    this.#events = events;
    this.#channel = open({
      message: (message) => this.#receive(message),
      ended: (reason) => this.#ended(reason),
    });
    this.#still = this.#newStillness();
  }

  get state(): ExecutorState {
    return this.#state;
  }

  get image(): FunctionImage | undefined {
    return this.#image;
  }

  get links(): readonly string[] {
    return this.#links;
  }

  /** Calls that run in it now. */
  get running(): number {
    return this.#calls.size;
  }

  /** Calls of its function. */
  get callCount(): number {
    return this.#callCount - this.#callsBefore;
  }

  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** How long a new call would wait for those that run now, in ms, if the next calls are like the last. */
  get waitMs(): number {
    return this.#calls.size * this.#service.ms;
  }

  get lastUsedAt(): number {
    return this.#lastUsedAt;
  }

  /** It has not answered a ping for this long, in ms. */
  silentFor(now: number): number {
    return this.#pingSentAt === undefined ? 0 : now - this.#pingSentAt;
  }

  /** A debugger was in it. */
  get inspected(): boolean {
    return this.#inspected;
  }

  has(call: number): boolean {
    return this.#calls.has(call);
  }

  /** Makes a spare compile what its first function will need. */
  rehearse(): void {
    if (this.#state === "spare") this.#channel.send({ kind: "rehearse" });
  }

  /** In place of the function that it had, if any. */
  load(image: FunctionImage, serve: ServeLoading): Promise<void> {
    this.#image = image;
    this.#state = "loading";
    this.#links = [];
    this.#memoryBytes = 0;
    this.#service.reset();
    this.#callsBefore = this.#callCount;
    const since = performance.now();
    this.#lastUsedAt = since;
    return new Promise((resolve, reject) => {
      this.#loading = { since, serve, resolve, reject };
      this.#channel.send({ kind: "load", image });
    });
  }

  /** Gives up its function, all of whose calls have ended. */
  unload(): void {
    this.#image = undefined;
    this.#state = "spare";
    this.#channel.send({ kind: "unload" });
  }

  run(job: ExecutorJob, end: CallEnding): void {
    const now = performance.now();
    this.#lastUsedAt = now;
    if (this.#calls.size === 0) this.#service.begin(now);
    this.#calls.set(job.message.call, {
      job,
      deadlineAt: now + job.timeoutMs,
      order: ++this.#callCount,
      cancelled: undefined,
      settled: false,
      end,
    });
    job.started();
    this.#channel.send(job.message);
  }

  cancel(call: number, error: MocError): void {
    const running = this.#calls.get(call);
    if (!running || running.cancelled) return;
    running.cancelled = { error, since: performance.now(), still: this.#newStillness() };
    this.#channel.send({ kind: "cancel", call, error: error.toJSON() });
  }

  /**
   * Looks after the limits; called every few ms while there is work. Ends the executor when its
   * guest does not give way.
   * @param lateMs for how long nobody looked: what the guest said meanwhile is not heard yet
   */
  check(now: number, lateMs: number): void {
    const loading = this.#loading;
    if (this.#image?.debug || (!loading && this.#calls.size === 0)) return;
    for (const [call, running] of this.#calls.entries()) {
      if (running.cancelled) {
        running.cancelled.since += lateMs;
        this.#checkCancelled(now, call, running, running.cancelled);
      } else if (now >= running.deadlineAt) {
        this.cancel(call, timeError(this.#image, running.job.timeoutMs));
      }
      if (this.#state === "ended") return;
    }
    if (loading && now - loading.since > this.#loadMsMax()) {
      this.#lose(startError(this.#image, this.#loadMsMax()), undefined);
      return;
    }
    this.#checkSilence(now);
  }

  inspect(events: InspectionEvents): Promise<Inspection> {
    this.#inspected = true;
    return this.#channel.inspect(events);
  }

  /** The debugger is gone: what still runs has the time of a call that begins now. */
  endDebug(): void {
    if (!this.#image) return;
    const { debug: _, ...image } = this.#image;
    this.#image = image;
    const deadlineAt = performance.now() + image.limits.timeoutMs;
    for (const running of this.#calls.values()) running.deadlineAt = deadlineAt;
  }

  /** Ends it now; its calls fail with the reason. */
  async end(error: MocError): Promise<void> {
    if (this.#state === "ended") return;
    this.#failAll(error, undefined);
    await this.#channel.terminate();
  }

  #newStillness(): Stillness {
    return new Stillness(() => this.#channel.computedMs());
  }

  #checkSilence(now: number): void {
    const limits = this.#image?.limits;
    if (!limits) return;
    const { turns, current } = this.#channel.progress();
    if (this.#pingSentAt === undefined) {
      this.#pingSentAt = now;
      this.#still.reset();
      this.#channel.send({ kind: "ping", seq: ++this.#pingSeq });
      return;
    }
    const cpuMs = this.#loading ? Math.max(limits.cpuMs, LOAD_CPU_MS) : limits.cpuMs;
    if (this.#still.ms(turns) <= cpuMs) return;
    this.#lose(
      new MocError(
        "MOC_LIMIT_CPU",
        `function '${this.#image?.name}' computed for more than ${cpuMs} ms without giving way; the call was ended (limits.cpuMs)`,
      ),
      current,
    );
  }

  /** Start-up code that waits for what never comes ends too. */
  #loadMsMax(): number {
    return Math.max(this.#image?.limits.timeoutMs ?? 0, LOAD_CPU_MS) + LOAD_CPU_MS;
  }

  #checkCancelled(now: number, call: number, running: RunningCall, cancelled: Cancelled): void {
    const { error, since, still } = cancelled;
    const waited = now - since;
    const graceMs = error.code === "MOC_CANCELLED" ? GONE_GRACE_MS : CANCEL_GRACE_MS;
    const { current, turns } = this.#channel.progress();
    const isSuspect = current === call && this.#pingSentAt !== undefined;
    if (!isSuspect) still.reset();
    const computes = isSuspect && still.ms(turns) > graceMs;
    if (computes || (waited > LEAVE_MS && this.#hasOnlySettled())) {
      // Its instance cannot be told apart from the thread.
      this.#lose(error, call);
    } else if (waited > graceMs && !running.settled) {
      // It waits behind others in the executor, and will end there; its caller need not wait.
      running.settled = true;
      running.end.reject(error);
    }
  }

  #hasOnlySettled(): boolean {
    for (const running of this.#calls.values()) if (!running.settled) return false;
    return true;
  }

  /** The guest of `culprit` wedged the executor: it goes, and what had not begun runs elsewhere. */
  #lose(error: MocError, culprit: number | undefined): void {
    this.#failAll(error, culprit);
    void this.#channel.terminate();
  }

  #failAll(error: MocError, culprit: number | undefined): void {
    this.#state = "ended";
    const { begun } = this.#channel.progress();
    const calls = [...this.#calls.entries()];
    this.#calls.clear();
    this.#loading?.reject(error);
    this.#loading = undefined;
    for (const [call, running] of calls) {
      if (running.settled) continue;
      if (running.cancelled) running.end.reject(running.cancelled.error);
      else if (culprit === undefined || call === culprit) running.end.reject(error);
      else if (((begun - running.order) | 0) < 0) running.end.redo();
      else running.end.reject(lostError(this.#image));
    }
  }

  #ended(reason: string): void {
    if (this.#state !== "ended") {
      const memory = /memory|heap/i.test(reason);
      const error = memory
        ? new MocError("MOC_LIMIT_MEMORY", `function '${this.#image?.name}': ${reason}`)
        : new MocError("MOC_EXECUTOR_LOST", `function '${this.#image?.name ?? "?"}': ${reason}`);
      this.#failAll(error, this.#channel.progress().current);
    }
    this.#events.ended(this, reason);
  }

  #receive(message: FromExecutor): void {
    switch (message.kind) {
      case "result":
        this.#result(message);
        return;
      case "op":
        void this.#op(message);
        return;
      case "log":
        this.#jobOf(message.call)?.log(message.level, message.text);
        return;
      case "pong":
        if (message.seq === this.#pingSeq) this.#pingSentAt = undefined;
        return;
      case "ready":
        this.#state = "spare";
        this.#events.idle(this);
        return;
      case "loaded":
        this.#state = "ready";
        this.#links = message.links;
        this.#memoryBytes = message.memoryBytes;
        this.#pingSentAt = undefined;
        this.#loading?.resolve();
        this.#loading = undefined;
        return;
      case "loadFailed": {
        const loading = this.#loading;
        this.#loading = undefined;
        loading?.reject(MocError.fromJSON(message.error));
        return;
      }
      default:
        message satisfies never;
    }
  }

  #result(message: ResultMessage): void {
    const running = this.#calls.take(message.call);
    if (!running) return;
    this.#service.end();
    this.#memoryBytes = message.memoryBytes;
    if (!running.settled) running.end.resolve(message);
    if (this.#calls.size === 0) this.#pingSentAt = undefined;
    this.#events.idle(this);
  }

  #jobOf(call: number): ServeLoading | undefined {
    const running = this.#calls.get(call);
    if (running) return running.settled ? undefined : running.job;
    return this.#loading?.serve;
  }

  async #op(message: Extract<FromExecutor, { kind: "op" }>): Promise<void> {
    const job = this.#jobOf(message.call);
    if (!job) return;
    try {
      const value = await job.serve(message.name, message.args);
      this.#channel.send({ kind: "opResult", op: message.op, value });
    } catch (error) {
      this.#channel.send({
        kind: "opResult",
        op: message.op,
        error: MocError.from(error).toJSON(),
      });
    }
  }
}
