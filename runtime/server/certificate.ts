import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { MocError } from "../protocol/errors.ts";
import type { KeyAndCertificate } from "./create-certificate.ts";

const DAY_MS = 24 * 3600 * 1000;
const RENEW_DAYS = 30;
const KEY_FILE = "tls.key.pem";
const CERT_FILE = "tls.cert.pem";
const ALWAYS = ["localhost", "127.0.0.1", "::1"];

/**
 * The platform's own certificate: the one in the folder, or a new self-signed one when there is
 * none, it is about to expire, or it lacks one of the names.
 * @param hostNames beside localhost, 127.0.0.1 and ::1
 * @throws MOC_DATA_UNUSABLE the folder cannot be read or written
 */
export async function loadOrCreateCertificate(
  folder: string,
  hostNames: readonly string[] = [],
): Promise<KeyAndCertificate> {
  const names = [...ALWAYS, ...hostNames.map(withoutPort)];
  try {
    const present = await load(folder);
    if (present && isGood(present.cert, names)) return present;
    // Seldom needed: its X.509 library would take a tenth of each start.
    const { createCertificate } = await import("./create-certificate.ts");
    const made = await createCertificate(names);
    await save(folder, made);
    return made;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `The certificate in ${folder} cannot be used: ${reason}. Remove ${KEY_FILE} and ${CERT_FILE} to have new ones made.`;
    throw new MocError("MOC_DATA_UNUSABLE", message, { cause });
  }
}

function isGood(cert: string, names: readonly string[]): boolean {
  const certificate = new X509Certificate(cert);
  const left = Date.parse(certificate.validTo) - Date.now();
  return (
    left > RENEW_DAYS * DAY_MS &&
    names.every((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)))
  );
}

async function load(folder: string): Promise<KeyAndCertificate | undefined> {
  try {
    const [key, cert] = await Promise.all([
      readFile(join(folder, KEY_FILE), "utf8"),
      readFile(join(folder, CERT_FILE), "utf8"),
    ]);
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
      ? { key, cert }
      : undefined;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** The key first and each by a rename, so that a crash leaves a pair or something to replace. */
async function save(folder: string, { key, cert }: KeyAndCertificate): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await replaceFile(join(folder, KEY_FILE), key);
  await replaceFile(join(folder, CERT_FILE), cert);
}

async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** `NAME:PORT` and `[IPv6]` as names in a certificate. */
function withoutPort(hostName: string): string {
  return hostName.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
