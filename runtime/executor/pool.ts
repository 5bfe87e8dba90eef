import type { ExecutorJob, Executors } from "../core/executors.ts";
import { MocError } from "../protocol/errors.ts";
import type { FunctionImage, ResultMessage } from "../protocol/executor-messages.ts";
import type { ExecutorStatus } from "../protocol/rest.ts";
import type { OpenChannel } from "./channel.ts";
import { Executor, type ServeLoading } from "./executor.ts";
import { spareStatus, usedStatus } from "./executor-status.ts";
import {
  executorsMaxOf,
  expire,
  fullError,
  type Group,
  isFull,
  isPlatforms,
  isReusable,
  newGroup,
  oldestIdle,
  pickExecutor,
  readyIn,
  runningIn,
  type Waiting,
} from "./group.ts";
import { Spares, stopping } from "./spares.ts";

export interface PoolOptions {
  readonly open: OpenChannel;
  /** Executors with a function alive at once; the least recently used idle one makes room. */
  readonly executorsMax: number;
  /** Executors of one function at once. */
  readonly perFunctionMax: number;
  /** Executors started ahead of need. */
  readonly spares: number;
  /** What a function may ask for while it is loaded. */
  serveLoading(image: FunctionImage): ServeLoading;
  event(state: "started" | "ended" | "lost", image: FunctionImage): void;
}

const CHECK_EVERY_MS = 10;

/** Checks that come later than this find answers unread that came in time. */
const LATE_MS = 50;

/** A call that waits for the first executor of its function has this much more time. */
const START_MS = 10_000;

/** After a failed start, while other executors serve the function. */
const REST_MS = 1000;

/** Gives each call an executor of its function: warm, not wedged, within the bounds. */
export class ExecutorPool implements Executors {
  readonly #options: PoolOptions;
  readonly #groups = new Map<FunctionImage, Group>();
  /** Superseded groups that have calls waiting. */
  readonly #outdated = new Set<Group>();
  readonly #groupOf = new Map<Executor, Group>();
  /** Superseded executors that finish their last calls. */
  readonly #retiring = new Set<Executor>();
  /** Versions that could not be loaded when that was tried last. */
  readonly #broken = new WeakSet<FunctionImage>();
  readonly #spares: Spares;
  #timer: NodeJS.Timeout | undefined;
  #checkedAt = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    const start = (): Executor =>
      new Executor(options.open, {
        idle: (one) => this.#idle(one),
        ended: (one, reason) => this.#executorEnded(one, reason),
      });
    this.#spares = new Spares(start, options.spares);
  }

  run(image: FunctionImage, job: ExecutorJob): Promise<ResultMessage> {
    if (this.#closed) return Promise.reject(stopping());
    const group = this.#groupFor(image);
    return new Promise((resolve, reject) => {
      const redo = () => this.#redo(waiting);
      const waiting: Waiting = { job, group, queuedUntil: 0, resolve, reject, redo };
      this.#dispatch(group, waiting);
    });
  }

  cancel(call: number, error: MocError): void {
    for (const executor of [...this.#groupOf.keys(), ...this.#retiring]) {
      if (!executor.has(call)) continue;
      executor.cancel(call, error);
      return;
    }
    for (const group of this.#allGroups()) {
      const index = group.queue.findIndex((one) => one.job.message.call === call);
      if (index < 0) continue;
      const [waiting] = group.queue.splice(index, 1);
      waiting?.reject(error);
      this.#settle(group);
      return;
    }
  }

  isInUse(image: FunctionImage): boolean {
    const group = this.#groups.get(image);
    return this.#broken.has(image) || (group !== undefined && readyIn(group) > 0);
  }

  async prepare(image: FunctionImage, keep: boolean): Promise<MocError | undefined> {
    const group = this.#groupFor(image);
    // Nobody gives up an executor for what may never be called.
    const taken = keep && oldestIdle(this.#groupOf.keys());
    const room = this.#alive < this.#options.executorsMax || taken;
    const wanted = !this.#closed && room && group.executors.size === 0;
    const failure = wanted ? await this.#grow(group, !keep) : undefined;
    if (keep) this.#settle(group);
    else this.#outdate(group);
    return failure;
  }

  nameMoved(name: string, current?: FunctionImage): void {
    for (const group of this.#allGroups()) {
      for (const moved of group.starting) moved.add(name);
      const links = [...group.executors].some((executor) => executor.links.includes(name));
      if (group.image === current) continue;
      if (group.image.name === name) this.#outdate(group);
      else if (links) this.#relink(group);
    }
  }

  /**
   * The executor of a version that is to be debugged, loaded before any call: the only one it has.
   * @throws MocError of loading it
   */
  async debug(image: FunctionImage): Promise<Executor> {
    const group = this.#groupFor(image);
    const failure = group.executors.size === 0 ? await this.#grow(group) : undefined;
    const [executor] = group.executors;
    if (executor) return executor;
    this.#settle(group);
    throw failure ?? stopping();
  }

  /** Ends what {@link debug} began: limits hold again, new calls find another executor. */
  endDebug(image: FunctionImage): void {
    const group = this.#groups.get(image);
    for (const [executor, { image: its }] of this.#groupOf) if (its === image) executor.endDebug();
    for (const executor of this.#retiring) if (executor.image === image) executor.endDebug();
    if (group) this.#outdate(group);
    this.#watch();
  }

  /** Everything changed under the executors (a restore): none is used for new calls. */
  renew(): void {
    for (const group of this.#allGroups()) this.#outdate(group);
    this.#spares.renew();
  }

  status(): readonly ExecutorStatus[] {
    const used = [...this.#groupOf].map(([executor, { image }]) => usedStatus(executor, image));
    return [...used, ...this.#spares.idle.map(spareStatus)];
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    const all = [...this.#groupOf.keys(), ...this.#retiring];
    for (const group of this.#allGroups()) {
      for (const waiting of group.queue.splice(0)) waiting.reject(stopping());
    }
    await Promise.all([this.#spares.close(), ...all.map((one) => one.end(stopping()))]);
  }

  #groupFor(image: FunctionImage): Group {
    let group = this.#groups.get(image);
    if (!group) {
      group = newGroup(image);
      this.#groups.set(image, group);
    }
    return group;
  }

  #allGroups(): readonly Group[] {
    return [...this.#groups.values(), ...this.#outdated];
  }

  #dispatch(group: Group, waiting: Waiting): void {
    const now = performance.now();
    // Who came before is served before.
    const executor = group.queue.length === 0 ? pickExecutor(group, now) : undefined;
    if (executor) {
      this.#give(group, executor, waiting);
      return;
    }
    if (isFull(group)) {
      waiting.reject(fullError(group.image));
      return;
    }
    const startMs = readyIn(group) > 0 ? 0 : START_MS;
    const timeoutMs = Math.min(waiting.job.timeoutMs, group.image.limits.timeoutMs);
    waiting.queuedUntil = now + timeoutMs + startMs;
    group.queue.push(waiting);
    if (group.outdated) this.#outdated.add(group);
    this.#watch();
    this.#drain(group);
  }

  #mayGrow(group: Group): boolean {
    const { executors, starting, image } = group;
    if (performance.now() < group.restAt) return false;
    if (readyIn(group) >= this.#options.perFunctionMax) return false;
    // The one on its way may take them all; a second would only make it slower.
    if (starting.size > 0 || (image.debug && executors.size > 0)) return false;
    if (runningIn(group) >= image.limits.concurrency) return false;
    const max = executorsMaxOf(group, this.#options.executorsMax);
    if (this.#alive < max || oldestIdle(this.#groupOf.keys())) return true;
    if (executors.size === 0) this.#claimRoom();
    return false;
  }

  /** Executors that have a function or are about to get one. */
  get #alive(): number {
    return this.#groupOf.size + this.#retiring.size + this.#spares.waiting;
  }

  /** A function without any executor waits: one that has several gives one up. */
  #claimRoom(): void {
    if (this.#retiring.size > 0) return;
    for (const [executor, group] of this.#groupOf) {
      if (group.executors.size < 2 || executor.state !== "ready") continue;
      this.#retire(executor);
      return;
    }
  }

  #give(group: Group, executor: Executor, waiting: Waiting): void {
    waiting.group = group;
    executor.run(waiting.job, waiting);
    this.#watch();
  }

  #redo(waiting: Waiting): void {
    const { group } = waiting;
    if (this.#closed) waiting.reject(stopping());
    else this.#dispatch(group.outdated ? group : this.#groupFor(group.image), waiting);
  }

  #drain(group: Group): void {
    const now = performance.now();
    while (group.queue.length > 0) {
      const executor = pickExecutor(group, now);
      if (!executor) break;
      const waiting = group.queue.shift();
      if (waiting) this.#give(group, executor, waiting);
    }
    if (group.queue.length === 0) this.#settle(group);
    else if (!this.#closed && this.#mayGrow(group)) void this.#grow(group);
  }

  async #grow(group: Group, isBorrowed = false): Promise<MocError | undefined> {
    const moved = new Set<string>();
    let failure: MocError | undefined;
    group.starting.add(moved);
    let executor: Executor | undefined;
    try {
      // A debugger would list what guests left in a used one.
      const unused = isPlatforms(group.image) || group.image.debug !== undefined;
      executor = this.#makeRoom(group.image) ?? (await this.#spares.take(unused, isBorrowed));
      this.#groupOf.set(executor, group);
      group.executors.add(executor);
      this.#watch();
      await executor.load(group.image, this.#options.serveLoading(group.image));
      this.#broken.delete(group.image);
      this.#options.event("started", group.image);
      // What it was linked with is old already.
      if (executor.links.some((name) => moved.has(name))) this.#relink(group);
    } catch (error) {
      failure = MocError.from(error);
      this.#failedToLoad(group, executor, failure);
    } finally {
      group.starting.delete(moved);
    }
    this.#drain(group);
    return failure;
  }

  #failedToLoad(group: Group, executor: Executor | undefined, error: MocError): void {
    if (executor) {
      this.#groupOf.delete(executor);
      group.executors.delete(executor);
      void executor.end(error);
      this.#spares.keep();
    }
    this.#broken.add(group.image);
    group.restAt = performance.now() + REST_MS;
    // The next call tries again: what was missing may be there by then.
    if (group.executors.size > 0) return;
    group.restAt = 0;
    for (const waiting of group.queue.splice(0)) waiting.reject(error);
  }

  /** Its calls are the last that it gets; new ones find another group. */
  #outdate(group: Group): void {
    if (this.#groups.get(group.image) === group) this.#groups.delete(group.image);
    group.outdated = true;
    this.#outdated.add(group);
    this.#settle(group);
  }

  /** A function that it is linked with moved: those who wait get an executor with the new one. */
  #relink(group: Group): void {
    if (group.outdated) return;
    this.#outdate(group);
    const successor = this.#groupFor(group.image);
    for (const waiting of group.queue.splice(0)) this.#dispatch(successor, waiting);
    this.#settle(group);
  }

  /** Lets go of a group that has nothing to do. */
  #settle(group: Group): void {
    const { executors, queue, starting } = group;
    if (queue.length + starting.size > 0) return;
    if (group.outdated) {
      this.#outdated.delete(group);
      for (const executor of executors) this.#retire(executor);
    } else if (executors.size === 0 && this.#groups.get(group.image) === group) {
      this.#groups.delete(group.image);
    }
  }

  #idle(executor: Executor): void {
    if (this.#spares.started(executor)) return;
    const group = this.#groupOf.get(executor);
    if (group && group.queue.length > 0) this.#drain(group);
    const isFree = !group && executor.running === 0;
    if (isFree && this.#retiring.delete(executor)) this.#letGo(executor);
  }

  #executorEnded(executor: Executor, reason: string): void {
    this.#spares.ended(executor);
    this.#retiring.delete(executor);
    const group = this.#groupOf.get(executor);
    if (group) {
      this.#groupOf.delete(executor);
      group.executors.delete(executor);
      this.#options.event(reason === "the executor was ended" ? "ended" : "lost", group.image);
      this.#drain(group);
    }
  }

  /** New calls go to other executors; the running ones finish on this one. */
  #retire(executor: Executor): void {
    this.#groupOf.get(executor)?.executors.delete(executor);
    this.#groupOf.delete(executor);
    if (executor.running === 0) this.#letGo(executor);
    else this.#retiring.add(executor);
  }

  #letGo(executor: Executor): void {
    if (!isReusable(executor) || !this.#spares.offer(executor)) void executor.end(stopping());
  }

  /** Answers what another function gave up, if it may be loaded anew: a thread costs ten times that. */
  #makeRoom(image: FunctionImage): Executor | undefined {
    if (this.#alive < this.#options.executorsMax) return undefined;
    const oldest = oldestIdle(this.#groupOf.keys());
    const group = oldest && this.#groupOf.get(oldest);
    if (!oldest || !group) return undefined;
    const reusable = isReusable(oldest) && !isPlatforms(image);
    if (!reusable) this.#retire(oldest);
    this.#groupOf.delete(oldest);
    group.executors.delete(oldest);
    if (reusable) this.#options.event("ended", group.image);
    this.#settle(group);
    return reusable ? oldest : undefined;
  }

  #watch(): void {
    if (this.#timer || this.#closed) return;
    this.#checkedAt = performance.now();
    this.#timer = setInterval(() => this.#check(), CHECK_EVERY_MS);
  }

  #check(): void {
    const now = performance.now();
    const lateMs = Math.max(0, now - this.#checkedAt - LATE_MS);
    this.#checkedAt = now;
    let work = this.#retiring.size > 0;
    for (const executor of [...this.#groupOf.keys(), ...this.#retiring]) {
      if (executor.running > 0 || executor.state === "loading") work = true;
      executor.check(now, lateMs);
    }
    for (const group of this.#allGroups()) {
      if (group.queue.length === 0) continue;
      work = true;
      expire(group, now);
      this.#drain(group);
    }
    if (work) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
