import { MocError } from "../protocol/errors.ts";

/**
 * Linear memory of all guests of the process together: the last line of defence. Each guest may stay
 * within its own limit, and a thousand of them would still take more than the machine has.
 */
export interface MemoryBudget {
  /** Counts memory that a guest has got; false, and nothing is counted, where that is too much. */
  take(bytes: number): boolean;
  /** Counts it as free again. */
  give(bytes: number): void;
  /** What all may hold, in bytes. */
  readonly maxBytes: number;
}

/** Where nobody else needs memory: tests, and programs that are run alone. */
export const NO_BUDGET: MemoryBudget = {
  take: () => true,
  give: () => undefined,
  maxBytes: Number.POSITIVE_INFINITY,
};

export function budgetExceeded(budget: MemoryBudget): MocError {
  const mib = Math.floor(budget.maxBytes / 2 ** 20);
  return new MocError(
    "MOC_GUESTS_MEMORY",
    `all functions together hold ${mib} MiB of memory; try again when other calls have ended, lower limits.concurrency or limits.memoryMiB, or raise --guest-memory`,
  );
}
