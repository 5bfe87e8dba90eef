import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { type Destination, denied, type OutboundPolicy } from "./outbound-policy.ts";

/**
 * Resolves a destination for the very connection that is being made, leaving out the addresses that
 * the policy forbids: a name cannot mean one address when it is checked and another when it is used.
 */
export function checkedLookup(policy: OutboundPolicy, destination: Destination): LookupFunction {
  return (hostname, options: LookupOptions, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) {
        callback(error, "");
        return;
      }
      const allowed = addresses.filter(({ address }) => policy.isAllowed(destination, address));
      const [first] = allowed;
      if (!first) callback(denied(destination, addresses[0]?.address ?? "nothing"), "");
      else if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
