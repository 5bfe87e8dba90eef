import type { CallRunner } from "./core/call.ts";
import { coreStatus } from "./core/core-status.ts";
import type { GuestPlatform } from "./core/host-services.ts";
import type { JwtVerifier } from "./core/jwt.ts";
import type { OutboundClient } from "./core/outbound-client.ts";
import type { PlatformOperations } from "./core/platform-operations.ts";
import type { PlatformState } from "./core/platform-state.ts";
import type { Stats } from "./core/stats.ts";
import type { Topics } from "./core/topics.ts";

interface GuestPlatformParts {
  readonly state: PlatformState;
  readonly calls: CallRunner;
  readonly outbound: OutboundClient;
  readonly topics: Topics;
  readonly jwt: JwtVerifier;
  readonly stats: Stats;
  readonly operations: PlatformOperations;
  readonly gpu: GuestPlatform["gpu"];
}

/** The platform as guests may use it, put together from its parts. */
export function guestPlatform(parts: GuestPlatformParts): GuestPlatform {
  const { state } = parts;
  const { names, blobs } = state;
  return {
    kv: state.kv,
    calls: parts.calls,
    outbound: parts.outbound,
    topics: parts.topics,
    verifyJwt: (token) => parts.jwt.verify(token),
    resolveName: (reference) => names.resolve(reference).techID,
    // A bare techID is taken too, as the original's guests give it.
    readBlob: (reference) =>
      blobs.bytes(blobs.info(reference) ? reference : names.resolve(reference).techID),
    coreStatus: (full) => coreStatus(state, parts.stats, full),
    async resolveModule(name) {
      if (!names.get(name)) return undefined;
      const { techID } = names.resolve(name);
      const contentType = blobs.info(techID)?.contentType ?? "";
      return { name, techID, contentType, bytes: await blobs.bytes(techID) };
    },
    operation: (name, argument, body) => parts.operations.run(name, argument, body),
    gpu: parts.gpu,
  };
}
