import type { IncomingMessage } from "node:http";
import { MocError } from "../protocol/errors.ts";
import type { OwnHosts } from "./own-hosts.ts";
import { isLoopback } from "./peer.ts";
import { sameSecret } from "./same-secret.ts";
import type { Sessions } from "./session.ts";

interface AdminGuardOptions {
  readonly hosts: OwnHosts;
  readonly sessions: Sessions;
  readonly token: string;
  /** `none`: for old clients; peers on this machine need no token. */
  readonly auth: "token" | "none";
}

/** Header of the requests that the dashboard makes. */
export const PAGE_TOKEN_HEADER = "x-moc-page-token";

const READS = new Set(["GET", "HEAD"]);

/**
 * Decides who may administer the platform: the holder of the admin token, or a browser that signed
 * in, talking to one of our own names (DNS rebinding), from one of our own pages (cross-site).
 */
export class AdminGuard {
  readonly #options: AdminGuardOptions;

  constructor(options: AdminGuardOptions) {
    this.#options = options;
  }

  /**
   * Way, Host and Origin alone: what even signing in needs.
   * @throws MOC_FORBIDDEN
   */
  checkPlace(request: IncomingMessage): void {
    const { hosts } = this.#options;
    const { host = "", origin } = request.headers;
    if (!("encrypted" in request.socket) && !isLoopback(request.socket.remoteAddress)) {
      throw forbidden("The token would cross the network readable for all; use https.");
    }
    if (!hosts.includesHost(host)) {
      throw forbidden(
        `The Host "${host}" is not one of this platform's own names; if it should be, start with --host-name ${host || "NAME"}.`,
      );
    }
    if (origin !== undefined && !hosts.includesOrigin(origin)) {
      throw forbidden(`A page of ${origin} may not administer this platform.`);
    }
  }

  /**
   * @param asks `api`: a session counts only together with the token of a page of the dashboard;
   *   `page`: for the dashboard's own page and files, which a browser asks for by itself
   * @returns the session that was used, if one was
   * @throws MOC_FORBIDDEN wrong place
   * @throws MOC_UNAUTHORIZED neither token nor session
   */
  check(request: IncomingMessage, asks: "api" | "page"): string | undefined {
    this.checkPlace(request);
    if (this.#options.auth === "none") {
      if (!isLoopback(request.socket.remoteAddress)) {
        throw forbidden("Without admin authentication only this machine may administer.");
      }
      checkSite(request);
      return undefined;
    }
    if (this.#hasToken(request)) return undefined;
    const { sessions } = this.#options;
    const session = sessions.find(request.headers.cookie);
    if (session === undefined) {
      const problem =
        request.headers.authorization === undefined
          ? 'Send the admin token as "Authorization: Bearer TOKEN"'
          : "What was sent is not the admin token of this runtime";
      throw new MocError(
        "MOC_UNAUTHORIZED",
        `${problem}; it is in instance.json of the data folder ("moc token" prints it). Browsers sign in at /my-own-cluster/sign-in.`,
      );
    }
    checkSite(request);
    checkChange(request);
    if (asks === "api") this.#checkPage(request, session);
    return session;
  }

  /** Whether a request names this platform by a name under which it is administered. */
  isOwnHost(request: IncomingMessage): boolean {
    return this.#options.hosts.includesHost(request.headers.host ?? "");
  }

  /** What rides on a cookie must come from the dashboard: pages of functions have the cookie too. */
  #checkPage(request: IncomingMessage, session: string): void {
    const given = request.headers[PAGE_TOKEN_HEADER];
    const wanted = this.#options.sessions.pageToken(session);
    if (typeof given === "string" && sameSecret(given, wanted)) return;
    throw new MocError(
      "MOC_UNAUTHORIZED",
      "The session of the dashboard counts for pages of the dashboard only; reload the page, or sign in again.",
    );
  }

  #hasToken(request: IncomingMessage): boolean {
    const given = /^Bearer +([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? "")?.[1];
    return given !== undefined && sameSecret(given, this.#options.token);
  }
}

/** A browser says where a request comes from, and pages cannot forge it. */
function checkSite(request: IncomingMessage): void {
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    throw forbidden("A page of another origin may not use the session of the dashboard.");
  }
}

/** What rides on a cookie must prove that one of our own pages meant it. */
function checkChange(request: IncomingMessage): void {
  if (READS.has(request.method ?? "")) return;
  const { origin, "sec-fetch-site": site, "content-type": type } = request.headers;
  // An Origin was found to be ours before.
  if (origin === undefined && site !== "same-origin") {
    throw forbidden("A change by session needs the Origin header of one of the platform's pages.");
  }
  if (request.method === "POST" && isFormType(type)) {
    throw forbidden("A change by session is sent as application/json, not as a form.");
  }
}

/** Content types that a page can send across origins without asking first (CORS). */
function isFormType(type: string | undefined): boolean {
  if (type === undefined) return false;
  return /^\s*(text\/plain|application\/x-www-form-urlencoded|multipart\/form-data)/i.test(type);
}

function forbidden(message: string): MocError {
  return new MocError("MOC_FORBIDDEN", message);
}
