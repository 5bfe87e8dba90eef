import { isIP } from "node:net";
import { generate } from "selfsigned";

/** PEM texts. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly cert: string;
}

const DAY_MS = 24 * 3600 * 1000;
/** The longest that macOS and iOS accept of a certificate which a user trusts by hand. */
const VALID_DAYS = 825;

/** A new self-signed certificate (EC P-256) for names and addresses. */
export async function createCertificate(names: readonly string[]): Promise<KeyAndCertificate> {
  const now = Date.now();
  const made = await generate([{ name: "commonName", value: "My Own Cluster" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    // Clocks of clients may be a little behind.
    notBeforeDate: new Date(now - DAY_MS),
    notAfterDate: new Date(now + (VALID_DAYS - 1) * DAY_MS),
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: names.map((name) =>
          isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name },
        ),
      },
    ],
  });
  return { key: made.private, cert: made.cert };
}
