import { createHash, randomBytes } from "node:crypto";

const LIFETIME_MS = 2 * 60_000;
const CODES_MAX = 100;

/** One-time codes that let a browser sign in by a link. Only their hashes are kept. */
export class SignInCodes {
  readonly #expiries = new Map<string, number>();

  /** A code that works once, within two minutes. */
  mint(): string {
    if (this.#expiries.size >= CODES_MAX) {
      const [oldest] = this.#expiries.keys();
      if (oldest !== undefined) this.#expiries.delete(oldest);
    }
    const code = randomBytes(32).toString("base64url");
    this.#expiries.set(hash(code), Date.now() + LIFETIME_MS);
    return code;
  }

  /** Whether the code was good; it is not any more. */
  redeem(code: string): boolean {
    const key = hash(code);
    const expires = this.#expiries.get(key);
    this.#expiries.delete(key);
    return expires !== undefined && expires > Date.now();
  }
}

function hash(code: string): string {
  return createHash("sha256").update(code).digest("base64url");
}
