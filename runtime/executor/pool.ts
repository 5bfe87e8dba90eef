import type { ExecutorJob, Executors } from "../core/executors.ts";
import { MocError } from "../protocol/errors.ts";
import type { FunctionImage, ResultMessage } from "../protocol/executor-messages.ts";
import type { ExecutorStatus } from "../protocol/rest.ts";
import type { OpenChannel } from "./channel.ts";
import { Executor, type ServeLoading } from "./executor.ts";

export interface PoolOptions {
  readonly open: OpenChannel;
  /** Executors alive at once, spares included; the least recently used idle one goes first. */
  readonly executorsMax: number;
  /** Executors of one function at once. */
  readonly perFunctionMax: number;
  /** Executors started ahead of need. */
  readonly spares: number;
  /** What a function may ask for while it is loaded. */
  serveLoading(image: FunctionImage): ServeLoading;
  event(state: "started" | "ended" | "lost", image: FunctionImage): void;
}

interface Waiting {
  readonly job: ExecutorJob;
  resolve(result: ResultMessage): void;
  reject(error: MocError): void;
}

/** The executors of one version of a function, and the calls that wait for one. */
interface Group {
  readonly image: FunctionImage;
  readonly executors: Set<Executor>;
  readonly queue: Waiting[];
  /** Executors that are starting for it. */
  starting: number;
}

/** An executor that has not answered for this long is busy computing: better ask another one. */
const BUSY_AFTER_MS = 15;
const CHECK_EVERY_MS = 10;

/** Gives each call an executor of its function: warm, not wedged, within the bounds. */
export class ExecutorPool implements Executors {
  readonly #options: PoolOptions;
  readonly #groups = new Map<FunctionImage, Group>();
  readonly #groupOf = new Map<Executor, Group>();
  /** Superseded executors that finish their last calls. */
  readonly #retiring = new Set<Executor>();
  readonly #spares = new Set<Executor>();
  readonly #startingSpares = new Set<Executor>();
  readonly #spareWaiters: ((executor: Executor) => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#keepSpares();
  }

  run(image: FunctionImage, job: ExecutorJob): Promise<ResultMessage> {
    if (this.#closed) return Promise.reject(stopping());
    const group = this.#groupFor(image);
    return new Promise((resolve, reject) => this.#dispatch(group, { job, resolve, reject }));
  }

  cancel(call: number, error: MocError): void {
    for (const executor of [...this.#groupOf.keys(), ...this.#retiring]) {
      if (!executor.has(call)) continue;
      executor.cancel(call, error);
      return;
    }
    for (const group of this.#groups.values()) {
      const index = group.queue.findIndex((one) => one.job.message.call === call);
      if (index < 0) continue;
      const [waiting] = group.queue.splice(index, 1);
      waiting?.reject(error);
      return;
    }
  }

  nameMoved(name: string): void {
    for (const [executor, group] of this.#groupOf) {
      const { image } = group;
      if (image.name !== name && !executor.links.includes(name)) continue;
      this.#retire(executor, group);
      this.#forget(group);
    }
  }

  /** Everything changed under the executors (a restore): none is used for new calls. */
  renew(): void {
    for (const [executor, group] of this.#groupOf) {
      this.#retire(executor, group);
      this.#forget(group);
    }
    for (const spare of this.#spares) void spare.end(stopping());
    this.#spares.clear();
    this.#keepSpares();
  }

  status(): readonly ExecutorStatus[] {
    const used = [...this.#groupOf].map(
      ([executor, group]): ExecutorStatus => ({
        id: executor.id,
        function: group.image.name,
        techID: group.image.techID,
        state: executor.state === "loading" ? "loading" : executor.running > 0 ? "busy" : "idle",
        calls: executor.callCount,
        memoryBytes: executor.memoryBytes,
      }),
    );
    const spare = [...this.#spares].map(
      (executor): ExecutorStatus => ({
        id: executor.id,
        function: "",
        techID: "",
        state: "spare",
        calls: 0,
        memoryBytes: 0,
      }),
    );
    return [...used, ...spare];
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    const all = [
      ...this.#groupOf.keys(),
      ...this.#retiring,
      ...this.#spares,
      ...this.#startingSpares,
    ];
    for (const group of this.#groups.values()) {
      for (const waiting of group.queue.splice(0)) waiting.reject(stopping());
    }
    await Promise.all(all.map((executor) => executor.end(stopping())));
  }

  #groupFor(image: FunctionImage): Group {
    let group = this.#groups.get(image);
    if (!group) {
      group = { image, executors: new Set(), queue: [], starting: 0 };
      this.#groups.set(image, group);
    }
    return group;
  }

  #dispatch(group: Group, waiting: Waiting): void {
    const { limits, name } = group.image;
    const executor = this.#pick(group);
    if (executor) {
      this.#give(group, executor, waiting);
      return;
    }
    if (group.queue.length >= limits.queue) {
      waiting.reject(
        new MocError(
          "MOC_TOO_MANY",
          `${limits.queue} calls wait for function '${name}' already (limits.queue)`,
        ),
      );
      return;
    }
    group.queue.push(waiting);
    this.#watch();
    if (this.#mayGrow(group)) void this.#grow(group);
  }

  #mayGrow(group: Group): boolean {
    return (
      (this.#groupOf.size < this.#options.executorsMax || this.#oldestIdle() !== undefined) &&
      group.executors.size + group.starting < this.#options.perFunctionMax &&
      (group.starting === 0 || group.queue.length > group.starting)
    );
  }

  /** The executor with the fewest calls that is not wedged. */
  #pick(group: Group): Executor | undefined {
    const now = performance.now();
    let best: Executor | undefined;
    for (const executor of group.executors) {
      if (executor.state !== "ready" || executor.silentFor(now) > BUSY_AFTER_MS) continue;
      if (executor.running >= group.image.limits.concurrency) continue;
      if (!best || executor.running < best.running) best = executor;
    }
    return best;
  }

  #give(group: Group, executor: Executor, waiting: Waiting): void {
    executor.run(waiting.job, {
      resolve: waiting.resolve,
      reject: waiting.reject,
      redo: () => this.#dispatch(group, waiting),
    });
    this.#watch();
  }

  #drain(group: Group): void {
    while (group.queue.length > 0) {
      const executor = this.#pick(group);
      if (!executor) break;
      const waiting = group.queue.shift();
      if (waiting) this.#give(group, executor, waiting);
    }
    if (group.queue.length > 0 && this.#mayGrow(group)) void this.#grow(group);
  }

  async #grow(group: Group): Promise<void> {
    group.starting++;
    try {
      const executor = await this.#takeSpare();
      this.#groupOf.set(executor, group);
      group.executors.add(executor);
      this.#watch();
      await executor.load(group.image, this.#options.serveLoading(group.image));
      this.#options.event("started", group.image);
    } catch (error) {
      this.#failedToLoad(group, MocError.from(error));
    } finally {
      group.starting--;
    }
    this.#drain(group);
  }

  #failedToLoad(group: Group, error: MocError): void {
    for (const executor of group.executors) {
      if (executor.state === "loading") this.#discard(executor, error);
    }
    // The next call tries again: what was missing may be there by then.
    if (group.executors.size > 0) return;
    for (const waiting of group.queue.splice(0)) waiting.reject(error);
    this.#groups.delete(group.image);
  }

  async #takeSpare(): Promise<Executor> {
    this.#makeRoom();
    const [spare] = this.#spares;
    if (spare) {
      this.#spares.delete(spare);
      this.#keepSpares();
      return spare;
    }
    const ready = new Promise<Executor>((resolve) => this.#spareWaiters.push(resolve));
    if (this.#startingSpares.size < this.#spareWaiters.length) this.#startSpare();
    const executor = await ready;
    this.#keepSpares();
    return executor;
  }

  #keepSpares(): void {
    while (
      !this.#closed &&
      this.#spares.size + this.#startingSpares.size - this.#spareWaiters.length <
        this.#options.spares
    ) {
      this.#startSpare();
    }
  }

  #startSpare(): void {
    const executor: Executor = new Executor(this.#options.open, {
      idle: (one) => this.#idle(one),
      ended: (one, reason) => this.#executorEnded(one, reason),
    });
    this.#startingSpares.add(executor);
  }

  #idle(executor: Executor): void {
    if (this.#startingSpares.delete(executor)) {
      const waiter = this.#spareWaiters.shift();
      if (waiter) waiter(executor);
      else this.#spares.add(executor);
      return;
    }
    const group = this.#groupOf.get(executor);
    if (!group) {
      // Retired by a reload: it goes when its last call has ended.
      if (executor.running === 0) {
        this.#retiring.delete(executor);
        void executor.end(stopping());
      }
      return;
    }
    if (group.queue.length > 0) this.#drain(group);
  }

  #executorEnded(executor: Executor, reason: string): void {
    this.#spares.delete(executor);
    this.#retiring.delete(executor);
    const wasStarting = this.#startingSpares.delete(executor);
    const group = this.#groupOf.get(executor);
    if (group) {
      this.#groupOf.delete(executor);
      group.executors.delete(executor);
      this.#options.event(reason === "the executor was ended" ? "ended" : "lost", group.image);
      this.#drain(group);
    }
    if (wasStarting && !this.#closed) setTimeout(() => this.#keepSpares(), 1000).unref();
  }

  #discard(executor: Executor, error: MocError): void {
    const group = this.#groupOf.get(executor);
    this.#groupOf.delete(executor);
    group?.executors.delete(executor);
    void executor.end(error);
  }

  /** New calls go to a new executor; the running ones finish on this one. */
  #retire(executor: Executor, group: Group): void {
    this.#groupOf.delete(executor);
    group.executors.delete(executor);
    if (executor.running === 0) void executor.end(stopping());
    else this.#retiring.add(executor);
  }

  #makeRoom(): void {
    if (this.#groupOf.size < this.#options.executorsMax) return;
    const oldest = this.#oldestIdle();
    const group = oldest && this.#groupOf.get(oldest);
    if (!oldest || !group) return;
    this.#retire(oldest, group);
    this.#forget(group);
  }

  #oldestIdle(): Executor | undefined {
    let oldest: Executor | undefined;
    for (const executor of this.#groupOf.keys()) {
      if (executor.running > 0 || executor.state !== "ready") continue;
      if (!oldest || executor.lastUsedAt < oldest.lastUsedAt) oldest = executor;
    }
    return oldest;
  }

  /** Drops the record of a function that nobody runs or waits for. */
  #forget(group: Group): void {
    const { executors, queue, starting } = group;
    if (executors.size + queue.length + starting === 0) this.#groups.delete(group.image);
  }

  /** Runs the watchdog while there is anything to watch. */
  #watch(): void {
    if (this.#timer || this.#closed) return;
    this.#timer = setInterval(() => this.#check(), CHECK_EVERY_MS);
  }

  #check(): void {
    const now = performance.now();
    let work = false;
    for (const [executor, group] of this.#groupOf) {
      if (executor.running > 0 || executor.state === "loading") work = true;
      executor.check(now);
      if (group.queue.length > 0) work = true;
    }
    for (const executor of this.#retiring) {
      work = true;
      executor.check(now);
    }
    for (const group of this.#groups.values()) if (group.queue.length > 0) this.#drain(group);
    if (work) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function stopping(): MocError {
  return new MocError("MOC_STOPPING", "the runtime is stopping");
}
