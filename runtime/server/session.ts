import { createHmac } from "node:crypto";
import { sameSecret } from "./same-secret.ts";

/** Name of the cookie that a browser holds after signing in to the dashboard. */
export const SESSION_COOKIE = "moc_session";

const LIFETIME_S = 7 * 24 * 3600;

/**
 * Sessions of browsers, without a list of them: a cookie says when it expires and proves that the
 * holder of the admin token made it. They outlive restarts, and end with the token.
 */
export class Sessions {
  readonly #key: Buffer;

  constructor(adminToken: string) {
    this.#key = createHmac("sha256", adminToken).update("browser sessions").digest();
  }

  /** A Set-Cookie value that signs its browser in. */
  mintCookie(): string {
    const expires = Math.floor(Date.now() / 1000) + LIFETIME_S;
    const value = `${expires}.${this.#sign(String(expires))}`;
    const scope = `Path=/; Max-Age=${LIFETIME_S}; HttpOnly; Secure; SameSite=Strict`;
    return `${SESSION_COOKIE}=${value}; ${scope}`;
  }

  /**
   * The valid session of a browser, if it has one.
   * @param cookies the request's Cookie header
   */
  find(cookies: string | undefined): string | undefined {
    if (cookies === undefined) return undefined;
    for (const pair of cookies.split(";")) {
      const [name, value = ""] = pair.trim().split("=");
      if (name === SESSION_COOKIE && this.#isValid(value)) return value;
    }
    return undefined;
  }

  /**
   * What a page of the dashboard proves itself with: the cookie comes along with requests of every
   * page of the same origin, pages of functions included, this does not.
   * @param session what {@link find} answered
   */
  pageToken(session: string): string {
    return this.#sign(`page ${session}`);
  }

  #isValid(value: string): boolean {
    const [expires = "", signature = ""] = value.split(".");
    return sameSecret(signature, this.#sign(expires)) && Number(expires) > Date.now() / 1000;
  }

  #sign(expires: string): string {
    return createHmac("sha256", this.#key).update(expires).digest("base64url");
  }
}
