import { BlockList, isIP } from "node:net";

/** Special-purpose blocks of IANA's registries: not the public internet. */
const IPV4_BLOCKS: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8], // this network, unspecified
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // carrier-grade NAT
  ["127.0.0.0", 8], // loopback
  ["169.254.0.0", 16], // link-local, cloud metadata
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // protocol assignments
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // 6to4 relays
  ["192.168.0.0", 16], // private
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4], // reserved, broadcast
];
const IPV6_BLOCKS: readonly (readonly [string, number])[] = [
  ["::", 96], // unspecified, loopback, IPv4-compatible
  ["64:ff9b::", 96], // NAT64: any IPv4 address in disguise
  ["64:ff9b:1::", 48], // local NAT64
  ["100::", 64], // discard
  ["2001::", 32], // Teredo: any IPv4 address in disguise
  ["2001:db8::", 32], // documentation
  ["2002::", 16], // 6to4: any IPv4 address in disguise
  ["fc00::", 7], // private
  ["fe80::", 10], // link-local
  ["fec0::", 10], // site-local
  ["ff00::", 8], // multicast
];

const special = new BlockList();
for (const [address, prefix] of IPV4_BLOCKS) special.addSubnet(address, prefix, "ipv4");
// IPv4-mapped addresses are not listed: the BlockList tests them by the IPv4 rules.
for (const [address, prefix] of IPV6_BLOCKS) special.addSubnet(address, prefix, "ipv6");

/** Whether an IP address belongs to the public internet; what is no IP address does not. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && !special.check(address, version === 6 ? "ipv6" : "ipv4");
}
