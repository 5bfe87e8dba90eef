import { MocError } from "../protocol/errors.ts";

/** One entry of an allow list for outgoing requests. */
export interface HostPattern {
  /** A name or address; starts with `*.` for all names below one; `*` for all. */
  readonly host: string;
  /** Absent: any port, but not the platform's own. */
  readonly port: number | undefined;
}

const PATTERN =
  /^(\*|(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/;

/**
 * @param text `HOST[:PORT]`: `api.example.org`, `*.example.org`, `127.0.0.1:5432`, `[::1]:80`, `*`
 * @throws MOC_BAD_REQUEST
 */
export function parseHostPattern(text: string): HostPattern {
  const parts = PATTERN.exec(text.trim().toLowerCase());
  const [, host = "", port] = parts ?? [];
  if (!parts || Number(port ?? 0) > 65_535) {
    throw new MocError(
      "MOC_BAD_REQUEST",
      `"${text}" is not HOST or HOST:PORT, such as api.example.org, *.example.org or 127.0.0.1:5432.`,
    );
  }
  return {
    host: host.startsWith("[") ? canonicalIPv6(host) : host,
    port: port ? Number(port) : undefined,
  };
}

/** @param host of a WHATWG URL, lower case, without a last dot */
export function matchesHost(pattern: HostPattern, host: string): boolean {
  if (pattern.host === "*" || pattern.host === host) return true;
  return pattern.host.startsWith("*.") && host.endsWith(pattern.host.slice(1));
}

/** The one spelling that URLs use too. */
function canonicalIPv6(host: string): string {
  return URL.parse(`http://${host}/`)?.hostname ?? host;
}
