import { readFileSync, readlinkSync } from "node:fs";

/** Where the system does not tell, at most this much counts of the time between two readings, in ms… */
const LOOKED_MS = 50;
/** …and only one part in so many: a thread that is not let on a processor looks like one that computes. */
const PATIENCE = 2;

/** What the operating system calls the thread that asks; 0 where it does not say (not on Linux). */
export function ownThreadId(): number {
  try {
    // PID/task/TID
    return Number(readlinkSync("/proc/thread-self").split("/").at(-1));
  } catch {
    return 0;
  }
}

/**
 * For how long one thread of this process has computed. Time that it waited for a processor is not
 * its guest's fault and counts only where the system does not tell it apart.
 */
export class ComputedTime {
  readonly #threadId: () => number;
  #totalMs = 0;
  #processorMs: number | undefined;
  #readAt = performance.now();

  /** @param threadId as {@link ownThreadId} answered in that thread */
  constructor(threadId: () => number) {
    this.#threadId = threadId;
  }

  /** In ms; only the difference of two readings means something. */
  read(): number {
    const now = performance.now();
    const before = this.#processorMs;
    const processorMs = processorTime(this.#threadId());
    this.#totalMs +=
      processorMs !== undefined && before !== undefined
        ? processorMs - before
        : Math.min(now - this.#readAt, LOOKED_MS) / PATIENCE;
    this.#processorMs = processorMs;
    this.#readAt = now;
    return this.#totalMs;
  }
}

/** Processor time of a thread of this process, in ms; undefined where it cannot be read (now). */
function processorTime(threadId: number): number | undefined {
  if (threadId === 0) return undefined;
  try {
    // Nanoseconds on a processor, nanoseconds waiting for one, how often.
    const [spent] = readFileSync(`/proc/self/task/${threadId}/schedstat`, "latin1").split(" ");
    // Zeros from a kernel that does not count.
    return Number(spent) > 0 ? Number(spent) / 1e6 : undefined;
  } catch {
    return undefined;
  }
}
