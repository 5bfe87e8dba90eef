import type { Headers } from "../protocol/host-ops.ts";
import type { HostStream } from "./host-stream.ts";

/** What a guest asks the network. */
export interface OutboundRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body?: Uint8Array | HostStream | undefined;
  readonly redirect: boolean;
}

/** On whose behalf a request is made, and how long it may take in ms. */
export interface OutboundOptions {
  /** Hosts the function may reach beside the platform's policy, `HOST[:PORT]`. */
  readonly allow: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Status and headers, and a body that is still arriving: close it. */
export interface OutboundAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: HostStream;
}

/** The only way from guests to the network; implemented by server/, under the outbound policy. */
export interface OutboundClient {
  /** @throws MOC_OUTBOUND_DENIED, MOC_OUTBOUND_FAILED, MOC_LIMIT_TIME */
  request(request: OutboundRequest, options: OutboundOptions): Promise<OutboundAnswer>;
  webSocket(url: string, headers: Headers, options: OutboundOptions): Promise<HostStream>;
}
