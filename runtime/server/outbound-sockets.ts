import { WebSocket } from "ws";
import type { HostStream } from "../core/host-stream.ts";
import type { OutboundOptions } from "../core/outbound-client.ts";
import { MocError } from "../protocol/errors.ts";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import { trustedAuthorities } from "./authorities.ts";
import { checkedLookup } from "./checked-lookup.ts";
import type { Destination, OutboundPolicy } from "./outbound-policy.ts";
import { WebSocketStream } from "./websocket-stream.ts";

const HANDSHAKE_MS = 30_000;
const PROTOCOL_HEADER = "sec-websocket-protocol";

/** Opens websockets of guests to other hosts. */
export class OutboundSockets {
  readonly #policy: OutboundPolicy;
  readonly #tls: { readonly ca?: string[] };
  readonly #open = new Set<WebSocket>();

  constructor(policy: OutboundPolicy, authorities: readonly string[]) {
    this.#policy = policy;
    this.#tls = trustedAuthorities(authorities);
  }

  /**
   * @param headers lower-case names; those of the handshake itself are not taken over
   * @throws MOC_OUTBOUND_FAILED, MOC_OUTBOUND_DENIED, MOC_LIMIT_TIME
   */
  connect(
    destination: Destination,
    headers: Record<string, string>,
    { signal, timeoutMs }: OutboundOptions,
  ): Promise<HostStream> {
    const { [PROTOCOL_HEADER]: protocols = "", ...others } = headers;
    const socket = this.#create(destination, protocols, withoutHandshake(others), timeoutMs);
    const stream = new WebSocketStream(socket);
    this.#open.add(socket);
    socket.on("close", () => this.#open.delete(socket));
    return new Promise((resolve, reject) => {
      const where = destination.url.origin;
      const onAbort = () => {
        reject(new MocError("MOC_CANCELLED", `The call ended before ${where} answered.`));
        socket.terminate();
      };
      if (signal.aborted) onAbort();
      signal.addEventListener("abort", onAbort);
      socket.on("close", () => signal.removeEventListener("abort", onAbort));
      socket.on("open", () => {
        signal.removeEventListener("abort", onAbort);
        resolve(stream);
      });
      socket.on("error", (error) => {
        reject(error instanceof MocError ? error : failed(where, error));
      });
    });
  }

  close(): void {
    for (const socket of this.#open) socket.terminate();
  }

  #create(
    destination: Destination,
    protocols: string,
    headers: Record<string, string>,
    timeoutMs: number,
  ): WebSocket {
    const list = protocols.split(",").map((one) => one.trim());
    try {
      return new WebSocket(
        destination.url,
        list.filter((one) => one !== ""),
        {
          headers,
          lookup: checkedLookup(this.#policy, destination),
          perMessageDeflate: false,
          maxPayload: PLATFORM_LIMITS.websocketMessageBytes.value,
          handshakeTimeout: Math.max(1, Math.min(timeoutMs, HANDSHAKE_MS)),
          ...this.#tls,
        },
      );
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new MocError("MOC_BAD_REQUEST", `The websocket cannot be opened: ${reason}`, { cause });
    }
  }
}

function withoutHandshake(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith("sec-websocket-")),
  );
}

function failed(where: string, cause: Error): MocError {
  const message = `The websocket to ${where} failed: ${cause.message}.`;
  return new MocError("MOC_OUTBOUND_FAILED", message, { cause });
}
