import { getCACertificates } from "node:tls";

/** TLS option to trust further authorities beside the usual ones; nothing if there are none. */
export function trustedAuthorities(more: readonly string[]): { readonly ca?: string[] } {
  return more.length === 0 ? {} : { ca: [...getCACertificates("default"), ...more] };
}
