/** Where the front listens; 0 and undefined: not. */
interface OwnPorts {
  readonly https: number;
  readonly http?: number | undefined;
}

const LOOPBACK_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);
const HOST = /^(\[[0-9a-f:.]+\]|[^:[\]/@\s]+)(?::(\d{1,5}))?$/;

/**
 * The names under which this platform may be administered. A page of a stranger whose DNS name is
 * bent to 127.0.0.1 sends its own name as Host, which is not among them.
 */
export class OwnHosts {
  readonly #names: ReadonlySet<string>;
  readonly #ports: () => OwnPorts;

  /** @param hostNames `NAME` (with any of our ports, or none) or `NAME:PORT`, of the operator */
  constructor(hostNames: readonly string[], ports: () => OwnPorts) {
    this.#names = new Set(hostNames.map((name) => name.toLowerCase()));
    this.#ports = ports;
  }

  /** @param host value of a Host header */
  includesHost(host: string): boolean {
    const { https, http } = this.#ports();
    return this.#includes(host, https, 443) || this.#includes(host, http, 80);
  }

  /** @param origin value of an Origin header; `null` and other schemes are never ours */
  includesOrigin(origin: string): boolean {
    const { https, http } = this.#ports();
    if (origin.startsWith("https://")) return this.#includes(origin.slice(8), https, 443);
    // The operator's names may stand before a proxy that speaks https to us: not so for http.
    if (origin.startsWith("http://"))
      return http ? this.#includes(origin.slice(7), http, 80) : false;
    return false;
  }

  #includes(host: string, ownPort: number | undefined, defaultPort: number): boolean {
    const lower = host.toLowerCase();
    const parts = HOST.exec(lower);
    if (!parts || ownPort === undefined) return false;
    if (this.#names.has(lower)) return true;
    const [, name = "", port] = parts;
    const samePort = (port === undefined ? defaultPort : Number(port)) === ownPort;
    if (LOOPBACK_NAMES.has(name)) return samePort;
    return this.#names.has(name) && (samePort || port === undefined);
  }
}
