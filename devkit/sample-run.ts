import { MocError } from "../runtime/protocol/errors.ts";
import type { CallReport, LogLine } from "../runtime/protocol/model.ts";
import type { Client } from "./client.ts";
import { type Answer, checkExpectations } from "./expectations.ts";
import { headerOf } from "./http.ts";
import { type FunctionProject, problemsAsError } from "./manifest.ts";
import { sampleBody, sampleRequest } from "./sample-request.ts";
import type { Sample } from "./sample-shape.ts";
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

interface RunOptions {
  readonly signal?: AbortSignal;
  /** Fetch the call's report and log lines too. */
  readonly report?: boolean;
}

/** Header by which the runtime names the call that answered. */
const CALL_ID_HEADER = "x-moc-call-id";

/**
 * Sends a sample input and checks the answer.
 * @throws MocError MOC_UNREACHABLE, MOC_CANCELLED, MOC_MANIFEST (not valid, no path), MOC_NOT_FOUND
 */
export async function runSample(
  client: Client,
  project: FunctionProject,
  file: SampleFile,
  options: RunOptions = {},
): Promise<SampleResult> {
  const { sample, problems } = file;
  if (!sample) throw problemsAsError(problems);
  const sent =
    sample.mode === undefined
      ? await fetchSample(client, project, sample, file.file, options.signal)
      : await callSample(client, project, sample, file.file, options.signal);
  const failures = checkExpectations(sample.expect, sent);
  const details = options.report ? await callDetails(client, sent.callId) : {};
  return { ...sent, ...details, failures };
}

type Sent = Answer & {
  readonly target: string;
  readonly callId?: number;
  readonly result?: number;
};

async function fetchSample(
  client: Client,
  project: FunctionProject,
  sample: Sample,
  file: string,
  signal: AbortSignal | undefined,
): Promise<Sent> {
  const request = await sampleRequest(project, sample, file);
  const answer = await client.fetchFunction({ ...request, signal });
  const id = Number(headerOf(answer, CALL_ID_HEADER));
  return {
    target: `${request.method} ${client.target.baseUrl}${request.path}`,
    status: answer.status,
    headers: answer.headers,
    body: answer.body,
    durationMs: answer.durationMs,
    ...(Number.isInteger(id) && id > 0 && { callId: id }),
  };
}

async function callSample(
  client: Client,
  project: FunctionProject,
  sample: Sample,
  file: string,
  signal: AbortSignal | undefined,
): Promise<Sent> {
  const { name } = project.manifest;
  const body = await sampleBody(sample, file);
  const start = performance.now();
  const answer = await client.call(
    "callFunction",
    {
      body: {
        name,
        ...(sample.mode && { mode: sample.mode }),
        input: Buffer.from(body?.bytes ?? []).toString("base64"),
        ...(sample.headers && { headers: sample.headers }),
        ...(sample.startFunction !== undefined && { start_function: sample.startFunction }),
        ...(sample.arguments && { arguments: sample.arguments }),
        posix_file_name: name,
        ...(sample.posixArguments && { posix_arguments: sample.posixArguments }),
      },
    },
    { signal },
  );
  return {
    target: `call ${name}`,
    status: answer.output_status ?? 200,
    headers: Object.entries(answer.output_headers),
    body: Buffer.from(answer.output, "base64"),
    result: answer.result,
    durationMs: performance.now() - start,
    callId: answer.call_id,
  };
}

async function callDetails(client: Client, id: number | undefined) {
  if (id === undefined) return {};
  try {
    const { call: report, logs } = await client.call("call", { path: { id: String(id) } });
    return { report, logs };
  } catch (error) {
    // Reports are kept for a while only.
    if (error instanceof MocError && error.code === "MOC_NOT_FOUND") return {};
    throw error;
  }
}
