import type { RequestForm } from "./form.ts";
import type { HistoryEntry, ResponseView } from "./messages.ts";

/** A past invocation of a function. */
export interface PastCall {
  readonly entry: HistoryEntry;
  readonly form: RequestForm;
  readonly response: ResponseView;
}

const CALLS_MAX = 20;
/** Bodies larger than this, in base64, are not kept. */
const BODY_MAX = 64 * 1024;

/** The calls with a new one in front; the oldest fall out, large bodies are left out of older ones. */
export function withCall(calls: readonly PastCall[], call: PastCall): PastCall[] {
  // The call before keeps its body whatever its size, to be compared with.
  const [last, ...older] = calls;
  return [call, ...(last ? [last] : []), ...older.map(slim)].slice(0, CALLS_MAX);
}

/** What is worth keeping across sessions. */
export function kept(calls: readonly PastCall[]): PastCall[] {
  return calls.map(slim);
}

/** Whether the body of an answer was too large to be kept. */
export function isBodyDropped({ bodyBase64, bodyLength }: ResponseView): boolean {
  return bodyBase64 === "" && bodyLength > 0;
}

function slim(call: PastCall): PastCall {
  if (call.response.bodyBase64.length <= BODY_MAX) return call;
  return { ...call, response: { ...call.response, bodyBase64: "" } };
}
