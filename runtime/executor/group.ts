import { availableParallelism } from "node:os";
import type { ExecutorJob } from "../core/executors.ts";
import { MocError } from "../protocol/errors.ts";
import type { FunctionImage } from "../protocol/executor-messages.ts";
import type { CallEnding, Executor } from "./executor.ts";

/** A call that waits for an executor. */
export interface Waiting extends CallEnding {
  readonly job: ExecutorJob;
  group: Group;
  /** While it is in a queue. */
  queuedUntil: number;
}

/** The executors of one version of a function, and the calls that wait for one. */
export interface Group {
  readonly image: FunctionImage;
  readonly executors: Set<Executor>;
  readonly queue: Waiting[];
  /** One for each executor that is starting for it: the names that moved meanwhile. */
  readonly starting: Set<Set<string>>;
  /** Superseded: it serves the calls that it has, and gets no others. */
  outdated: boolean;
  /** No new executor is tried before this time. */
  restAt: number;
}

export function newGroup(image: FunctionImage): Group {
  return {
    image,
    executors: new Set(),
    queue: [],
    starting: new Set(),
    outdated: false,
    restAt: 0,
  };
}

/** Whether it takes no further call, not even to wait. */
export function isFull(group: Group): boolean {
  const { concurrency, queue } = group.image.limits;
  return runningIn(group) + group.queue.length >= concurrency + queue;
}

export function fullError({ name, limits }: FunctionImage): MocError {
  return new MocError(
    "MOC_TOO_MANY",
    `function '${name}' has ${limits.concurrency} calls running and ${limits.queue} waiting at most (limits.concurrency, limits.queue)`,
  );
}

/** Rejects the calls that waited too long: waiting counts as time of the call. */
export function expire(group: Group, now: number): void {
  const { queue, image } = group;
  for (let index = queue.length - 1; index >= 0; index--) {
    const waiting = queue[index];
    if (!waiting || waiting.queuedUntil > now) continue;
    queue.splice(index, 1);
    waiting.reject(
      new MocError(
        "MOC_LIMIT_TIME",
        `a call of function '${image.name}' waited for a free executor until its time was over (limits.timeoutMs, limits.concurrency)`,
      ),
    );
  }
}

/** Whether another guest's function may follow the one that this executor has, whose calls have ended. */
export function isReusable(executor: Executor): boolean {
  const { image, state, inspected } = executor;
  if (image === undefined || isPlatforms(image)) return false;
  return state === "ready" && !inspected && executor.silentFor(performance.now()) === 0;
}

/** A function of the platform itself: shares no executor with guests, not even one after the other. */
export function isPlatforms(image: FunctionImage): boolean {
  return image.settings.capabilities?.includes("platform") ?? false;
}

/** How many executors may be alive for it to get its first, or another one. */
export function executorsMaxOf(group: Group, executorsMax: number): number {
  const reserved = group.executors.size === 0 && isPlatforms(group.image);
  return executorsMax + (reserved ? PLATFORM_RESERVE : 0);
}

/** Executors beyond the maximum for functions of the platform itself: guests must not lock it out. */
const PLATFORM_RESERVE = 2;

/** Which of them may be given up first. */
export function oldestIdle(executors: Iterable<Executor>): Executor | undefined {
  let oldest: Executor | undefined;
  for (const executor of executors) {
    const { running, state, image } = executor;
    if (running > 0 || state !== "ready" || image?.debug) continue;
    if (!oldest || executor.lastUsedAt < oldest.lastUsedAt) oldest = executor;
  }
  return oldest;
}

/** Calls that run in all its executors. */
export function runningIn(group: Group): number {
  let running = 0;
  for (const executor of group.executors) running += executor.running;
  return running;
}

/** Executors that take calls. */
export function readyIn(group: Group): number {
  let ready = 0;
  for (const executor of group.executors) if (executor.state === "ready") ready++;
  return ready;
}

/**
 * The first executor that answers and would take the call soon, else the one that would take it
 * first, if there is room for another call. One that has all the short calls keeps its caches and
 * gets many of them in one message; long ones are spread.
 */
export function pickExecutor(group: Group, now: number): Executor | undefined {
  if (runningIn(group) >= group.image.limits.concurrency) return undefined;
  let best: Executor | undefined;
  for (const executor of group.executors) {
    if (executor.state !== "ready" || executor.silentFor(now) > BUSY_AFTER_MS) continue;
    if (executor.waitMs <= SOON_MS) return executor;
    if (!best || executor.waitMs < best.waitMs) best = executor;
  }
  return best;
}

/**
 * A call that waits no longer than this, in ms, is not given to another executor. Where processors
 * are few, that one would only take them from the thread that parses the requests.
 */
const SOON_MS = 4 / availableParallelism();

/** An executor that has not answered for this long is busy computing: better ask another one. */
const BUSY_AFTER_MS = 15;
