import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { MocError } from "../protocol/errors.ts";
import { type HostPattern, matchesHost, parseHostPattern } from "./host-pattern.ts";
import { isPublicAddress } from "./public-address.ts";

interface OutboundPolicyOptions {
  /** `HOST[:PORT]` that every guest may reach. */
  readonly allow: readonly string[];
  /** Ports of this platform, which an entry must name to allow them. */
  readonly ownPorts: () => readonly number[];
}

/** Where a guest's request may go: a listed host whatever its address, else public addresses. */
export interface Destination {
  readonly url: URL;
  /** Without brackets and last dot, for the resolver. */
  readonly host: string;
  readonly port: number;
  readonly listed: boolean;
}

const DEFAULT_PORTS: { readonly [protocol: string]: number } = {
  "http:": 80,
  "https:": 443,
  "ws:": 80,
  "wss:": 443,
};

/** Says what guests may reach on the network: public addresses, and what the operator listed. */
export class OutboundPolicy {
  readonly #allow: readonly HostPattern[];
  readonly #ownPorts: () => readonly number[];
  /** Entries of functions, parsed; bounded by starting anew. */
  readonly #parsed = new Map<string, HostPattern>();

  /** @throws MOC_BAD_REQUEST an entry is not `HOST[:PORT]` */
  constructor({ allow, ownPorts }: OutboundPolicyOptions) {
    this.#allow = allow.map(parseHostPattern);
    this.#ownPorts = ownPorts;
  }

  /**
   * Decides on a url by its text; names are decided on when they are resolved: {@link checkAddress}.
   * @param allow entries of the function
   * @throws MOC_BAD_REQUEST no url, or of another protocol
   * @throws MOC_OUTBOUND_DENIED
   */
  destination(url: string | URL, allow: readonly string[]): Destination {
    const parsed = typeof url === "string" ? URL.parse(url) : url;
    const defaultPort = parsed ? DEFAULT_PORTS[parsed.protocol] : undefined;
    if (!parsed || defaultPort === undefined) {
      throw new MocError(
        "MOC_BAD_REQUEST",
        `"${shorten(String(url))}" is not an http(s) or ws(s) url.`,
      );
    }
    const name = parsed.hostname.toLowerCase().replace(/\.$/, "");
    const port = parsed.port === "" ? defaultPort : Number(parsed.port);
    const host = name.replace(/^\[(.*)\]$/, "$1");
    const destination = { url: parsed, host, port, listed: this.#isListed(name, port, allow) };
    // Addresses in the url are never resolved, so nothing asks for them later.
    if (isIP(host) !== 0) this.checkAddress(destination, host);
    return destination;
  }

  /** @throws MOC_OUTBOUND_DENIED this address of the destination may not be connected to */
  checkAddress(destination: Destination, address: string): void {
    if (!this.isAllowed(destination, address)) throw denied(destination, address);
  }

  isAllowed(destination: Destination, address: string): boolean {
    if (destination.listed) return true;
    if (!isPublicAddress(address)) return false;
    return !(this.#ownPorts().includes(destination.port) && isOwnAddress(address));
  }

  #isListed(name: string, port: number, allow: readonly string[]): boolean {
    const own = this.#ownPorts().includes(port);
    const allows = (pattern: HostPattern) =>
      (pattern.port === undefined ? !own : pattern.port === port) && matchesHost(pattern, name);
    return this.#allow.some(allows) || allow.some((text) => allows(this.#parse(text)));
  }

  #parse(text: string): HostPattern {
    let pattern = this.#parsed.get(text);
    if (!pattern) {
      pattern = parseHostPattern(text);
      if (this.#parsed.size >= PARSED_MAX) this.#parsed.clear();
      this.#parsed.set(text, pattern);
    }
    return pattern;
  }
}

const PARSED_MAX = 1000;

/** What happened, why, and what to do. */
export function denied({ url, host, port }: Destination, address: string): MocError {
  const where = `${url.hostname}:${port}`;
  const why = host === address ? "is" : `resolves to ${address}, which is`;
  return new MocError(
    "MOC_OUTBOUND_DENIED",
    `Requests to ${where} are not allowed: it ${why} not a public address. To allow it, start with --allow-outbound ${where}, or list "${where}" under "outbound" in the function's moc.json.`,
  );
}

function isOwnAddress(address: string): boolean {
  return Object.values(networkInterfaces()).some((list) =>
    list?.some((one) => one.address === address),
  );
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
