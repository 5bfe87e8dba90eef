import type { CallReport, LogLine } from "../runtime/protocol/model.ts";
import type { Client } from "./client.ts";
import type { FunctionProject } from "./manifest.ts";
import type { SampleFile } from "./samples.ts";

/** What a function answered to a sample input. A status that is not 2xx is a result. */
export interface SampleResult {
  /** What was sent: `GET https://…` or `call NAME`. */
  readonly target: string;
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** What the start function returned, for a call without a URL. */
  readonly result?: number;
  readonly durationMs: number;
  readonly callId?: number;
  /** Present when asked for and still kept by the runtime. */
  readonly report?: CallReport;
  readonly logs?: readonly LogLine[];
  /** Unmet expectations, one sentence or small diff each; empty: it passed. */
  readonly failures: readonly string[];
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  /** Fetch the call's report and log lines too. */
  readonly report?: boolean;
}

/**
 * Sends a sample input and checks the answer.
 * @throws MocError MOC_UNREACHABLE, MOC_CANCELLED, MOC_MANIFEST (body file, no path)
 */
export declare function runSample(
  client: Client,
  project: FunctionProject,
  sample: SampleFile,
  options?: RunOptions,
): Promise<SampleResult>;
