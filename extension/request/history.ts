import type { RequestForm } from "./form.ts";
import type { HistoryEntry, ResponseView } from "./messages.ts";

/** A past invocation of a function. */
export interface PastCall {
  readonly entry: HistoryEntry;
  readonly form: RequestForm;
  readonly response: ResponseView;
}

const CALLS_MAX = 20;
/** Bodies larger than this are not kept. */
const BODY_MAX = 64 * 1024;

/** The calls with a new one in front; the oldest fall out, large bodies are left out of older ones. */
export function withCall(calls: readonly PastCall[], call: PastCall): PastCall[] {
  return [call, ...calls.map(slim)].slice(0, CALLS_MAX);
}

/** What is worth keeping across sessions. */
export function kept(calls: readonly PastCall[]): PastCall[] {
  return calls.map(slim);
}

function slim(call: PastCall): PastCall {
  if (call.response.bodyBase64.length <= BODY_MAX) return call;
  return { ...call, response: { ...call.response, bodyBase64: "" } };
}
