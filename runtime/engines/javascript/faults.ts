import { MocError } from "../../protocol/errors.ts";
import type { MemoryBudget } from "../memory-budget.ts";

/** What one machine may use. */
export interface MachineLimits {
  readonly memoryPages: number;
  readonly stackBytes: number;
  /** Time a guest may compute before it gives way, ms. */
  readonly cpuMs: number;
  /** Of all guests of the process. */
  readonly budget: MemoryBudget;
}

/** The guest did not give way in time. */
export function cpuExceeded(ms: number): MocError {
  return new MocError(
    "MOC_LIMIT_CPU",
    `the guest computed for more than ${ms} ms without giving way; make it wait in between, or raise limits.cpuMs`,
  );
}

/** The guest's memory is at its limit. */
export function memoryExceeded(pages: number): MocError {
  return new MocError(
    "MOC_LIMIT_MEMORY",
    `the guest needs more than its ${pages / 16} MiB of memory; use less, or raise limits.memoryMiB`,
  );
}

/** What an error thrown by the wasm instance itself means. */
export function trapped(error: unknown, limits: MachineLimits): MocError {
  if (error instanceof MocError) return error;
  if (error instanceof RangeError) {
    return new MocError(
      "MOC_LIMIT_STACK",
      `the guest recursed deeper than its stack of ${limits.stackBytes / 1024} KiB allows`,
      { cause: error },
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  return new MocError("MOC_GUEST_TRAP", `the JavaScript engine stopped: ${message}`, {
    cause: error,
  });
}
