import type { CallReport } from "../runtime/protocol/model.ts";

/** Whether a call was a filter that let its request pass: it neither failed nor answered. */
export function isPassedFilter({ trigger, error, status, result = 0 }: CallReport): boolean {
  if (trigger !== "filter" || error !== undefined || status !== undefined) return false;
  return result < 300 || result > 599;
}
