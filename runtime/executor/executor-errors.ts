import { MocError } from "../protocol/errors.ts";
import type { FunctionImage } from "../protocol/executor-messages.ts";

/** What the calls of an executor end with when it, or its guest, does not go on. */
export function timeError(image: FunctionImage | undefined, timeoutMs: number): MocError {
  return new MocError(
    "MOC_LIMIT_TIME",
    `function '${image?.name}' took longer than ${Math.round(timeoutMs)} ms; make it faster or raise limits.timeoutMs`,
  );
}

export function startError(image: FunctionImage | undefined, ms: number): MocError {
  return new MocError(
    "MOC_LIMIT_TIME",
    `the start-up code of function '${image?.name}' did not end within ${ms} ms`,
  );
}

export function lostError(image: FunctionImage | undefined): MocError {
  return new MocError(
    "MOC_EXECUTOR_LOST",
    `the executor of function '${image?.name}' ended while this call ran in it; try again`,
  );
}
