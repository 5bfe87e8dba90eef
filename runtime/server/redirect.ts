import type { HostStream } from "../core/host-stream.ts";
import { MocError } from "../protocol/errors.ts";

/** A request as it is sent: after redirects it is another than the guest's. */
export interface SentRequest {
  readonly method: string;
  readonly url: URL;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | HostStream | undefined;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Secrets for one origin are not for another. */
const ORIGIN_ONLY = ["authorization", "cookie"];
const BODY_ONLY = ["content-type", "content-encoding", "content-language", "content-location"];

/**
 * The request that a redirect asks for; undefined: the answer is no redirect.
 * @throws MOC_OUTBOUND_FAILED it cannot be followed
 * @see https://fetch.spec.whatwg.org/#http-redirect-fetch
 */
export function nextRequest(
  sent: SentRequest,
  status: number,
  location: string | undefined,
): SentRequest | undefined {
  if (!REDIRECTS.has(status) || location === undefined) return undefined;
  const url = URL.parse(location, sent.url.href);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw failed(sent, `redirects to "${location.slice(0, 200)}", which is not http(s)`);
  }
  const becomesGet =
    (status === 303 && sent.method !== "GET" && sent.method !== "HEAD") ||
    (status < 303 && sent.method === "POST");
  if (!becomesGet && sent.body !== undefined && !(sent.body instanceof Uint8Array)) {
    throw failed(sent, "redirects, and a streamed body cannot be sent twice");
  }
  const dropped = [
    ...(becomesGet ? BODY_ONLY : []),
    ...(url.origin === sent.url.origin ? [] : ORIGIN_ONLY),
  ];
  const headers = Object.fromEntries(
    Object.entries(sent.headers).filter(([name]) => !dropped.includes(name)),
  );
  if (url.hash === "") url.hash = sent.url.hash;
  return becomesGet
    ? { method: "GET", url, headers, body: undefined }
    : { method: sent.method, url, headers, body: sent.body };
}

function failed(sent: SentRequest, problem: string): MocError {
  return new MocError("MOC_OUTBOUND_FAILED", `${sent.url.origin} ${problem}.`);
}
