import type { Client } from "../../devkit/client.ts";
import type { SampleResult } from "../../devkit/sample-run.ts";
import type { CallReport, LogLine } from "../../runtime/protocol/model.ts";

/** How many of the function's last calls are looked through. */
const RECENT_MAX = 20;

/** Report and log lines of the call that a result came from. */
interface CallDetails {
  readonly callId?: number;
  readonly report?: CallReport;
  readonly logs?: readonly LogLine[];
}

/**
 * Report and log of the call that answered. Answers name their call; only one that was streamed does
 * not: then it is the newest of the function with the same method, path and status that began after
 * `since` (Unix time in ms).
 */
export async function callDetails(
  client: Client,
  functionName: string,
  result: SampleResult,
  since: number,
): Promise<CallDetails> {
  const { report: known, logs: knownLogs, callId } = result;
  if (known) return { report: known, ...(knownLogs && { logs: knownLogs }) };
  if (callId !== undefined) return {};
  const query = { function: functionName, limit: RECENT_MAX };
  const { calls } = await client.call("calls", { query });
  const target = result.target.replace(client.target.baseUrl, "");
  const found = calls.find((call) => isCallOf(call, target, result.status, since));
  if (!found) return {};
  const { call: report, logs } = await client.call("call", { path: { id: String(found.id) } });
  return { callId: report.id, report, logs };
}

/** Whether a report is of a call with this `METHOD /path?query` and status. */
export function isCallOf(
  call: Pick<CallReport, "target" | "status" | "at" | "trigger">,
  target: string,
  status: number,
  since: number,
): boolean {
  // Clocks are the same, but a report's time is cut to whole ms.
  if (call.trigger !== "http" || call.at < since - 1) return false;
  const same = call.target?.toLowerCase() === target.toLowerCase();
  return same && (call.status === undefined || call.status === status);
}
