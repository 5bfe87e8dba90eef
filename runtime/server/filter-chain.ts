import { type CallEnd, type CallerSignal, statusOf } from "../core/call.ts";
import { MocError } from "../protocol/errors.ts";
import type { Headers } from "../protocol/host-ops.ts";
import type { Filter } from "../protocol/model.ts";
import type { FrontParts } from "./front-parts.ts";
import type { ReplayedBody } from "./replayed-body.ts";
import type { RequestHeaders } from "./request-facts.ts";

/** A request on its way through the filters; its headers are changed by them. */
interface FilteredRequest {
  readonly headers: RequestHeaders;
  readonly bytes?: Uint8Array | undefined;
  readonly stream?: ReplayedBody | undefined;
  /** `METHOD /path?query`, for the call reports. */
  readonly target: string;
  readonly signal: CallerSignal;
}

/** What the filters of a request left of it. */
export interface FilterOutcome {
  /** Headers that the filters have set on the output. */
  readonly headers?: Headers | undefined;
  /** The answer of the filter that ended the request, if one did. */
  readonly end?: CallEnd | undefined;
}

/**
 * Runs the filters in their order, each with the same input, until one ends the request: by closing
 * the output, writing a body, setting a status, or returning 300..599.
 * @throws MocError as the filter's call did; the plugged function does not run then
 */
export async function runFilters(
  parts: FrontParts,
  filters: readonly Filter[],
  request: FilteredRequest,
): Promise<FilterOutcome> {
  let headers: Headers | undefined;
  for (const filter of filters) {
    request.headers["x-moc-plug-data"] = filter.data;
    const running = parts.calls.run({
      name: filter.name,
      startFunction: filter.start_function,
      headers: request.headers,
      body: request.bytes,
      stream: request.stream?.open(),
      outputHeaders: headers,
      trigger: "filter",
      target: request.target,
      signal: request.signal,
    });
    const end = await running.catch((error: unknown) => {
      throw errorOf(filter, MocError.from(error));
    });
    headers = headers ? { ...headers, ...end.headers } : end.headers;
    if (endsRequest(end)) return { headers, end };
    // What a filter says of the request is believed by the functions after it: x-moc-… included.
    if (end.inputHeaders) Object.assign(request.headers, end.inputHeaders);
  }
  return { headers };
}

/** Without its function all requests of all functions fail: the error says where to look. */
function errorOf({ id }: Filter, error: MocError): MocError {
  if (error.code !== "MOC_NOT_FOUND") return error;
  const { code, message } = error;
  return new MocError(
    code,
    `a filter before all functions is missing: ${message}; or remove it: moc unplug-filter ${id}`,
  );
}

function endsRequest(end: CallEnd): boolean {
  return end.closed || end.body.length > 0 || end.status !== undefined || statusOf(end) >= 300;
}
