import type { IncomingMessage, ServerResponse } from "node:http";
import { MocError } from "../protocol/errors.ts";
import { type AdminGuard, PAGE_TOKEN_HEADER } from "./admin-guard.ts";
import type { RequestTarget } from "./request-target.ts";
import { answerSignInPage, SIGN_IN_PATH, type SignInParts, signIn } from "./sign-in.ts";

const DASHBOARD = "/dashboard";
const AREAS = ["/my-own-cluster", DASHBOARD];

/** The paths that belong to the platform itself: its API and the dashboard. */
export class AdminArea {
  readonly #guard: AdminGuard;
  readonly #signIn: SignInParts;

  constructor(guard: AdminGuard, signIn: SignInParts) {
    this.#guard = guard;
    this.#signIn = signIn;
  }

  /** @param path canonical path of a request, or path pattern of a plug */
  covers(path: string): boolean {
    return AREAS.some((area) => isWithin(path, area));
  }

  /**
   * @returns whether the request is answered already
   * @throws MOC_FORBIDDEN, MOC_UNAUTHORIZED it may not pass
   */
  async admit(
    request: IncomingMessage,
    response: ServerResponse,
    target: RequestTarget,
  ): Promise<boolean> {
    if (target.path === SIGN_IN_PATH) {
      this.#guard.checkPlace(request);
      await signIn(request, response, { target, parts: this.#signIn });
      return true;
    }
    try {
      const asks = isWithin(target.path, DASHBOARD) ? "page" : "api";
      const session = this.#guard.check(request, asks);
      if (target.path === `${DASHBOARD}/`) this.#openDashboard(request, response, session);
      return false;
    } catch (error) {
      if (!wantsPage(request, target) || !isUnauthorized(error)) throw error;
      answerSignInPage(response, 401, "");
      return true;
    }
  }

  /**
   * For websockets, which have no page to sign in by.
   * @throws MOC_FORBIDDEN, MOC_UNAUTHORIZED
   */
  check(request: IncomingMessage): void {
    this.#guard.check(request, "api");
  }

  /**
   * A service worker answers for everything below its script's folder: one of a function's must not
   * stand before the dashboard.
   * @throws MOC_FORBIDDEN
   */
  checkWorker(request: IncomingMessage, path: string): void {
    if (request.headers["service-worker"] === undefined || !this.#guard.isOwnHost(request)) return;
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    if (!AREAS.some((area) => `${area}/`.startsWith(folder) || isWithin(folder, area))) return;
    throw new MocError(
      "MOC_FORBIDDEN",
      `A service worker in ${folder} would answer for the dashboard too; plug its script below a folder such as /app/, or reach the function by a host name of its own.`,
    );
  }

  /**
   * The page gets the token that its requests need when a browser opens it as a page of its own:
   * scripts of other pages of this origin can fetch it, but not in that way, and hold no reference
   * to its window.
   */
  #openDashboard(
    request: IncomingMessage,
    response: ServerResponse,
    session: string | undefined,
  ): void {
    // Functions cannot say the same of their pages: see response-headers.ts.
    response.setHeader("cross-origin-opener-policy", "same-origin");
    const { "sec-fetch-dest": dest, "sec-fetch-mode": mode } = request.headers;
    if (session === undefined || dest !== "document" || mode !== "navigate") return;
    request.headers[PAGE_TOKEN_HEADER] = this.#signIn.sessions.pageToken(session);
  }
}

function isWithin(path: string, area: string): boolean {
  return path.startsWith(area) && isBoundary(path.charCodeAt(area.length));
}

/** End of the path, or a slash. */
function isBoundary(code: number): boolean {
  return Number.isNaN(code) || code === 0x2f;
}

function wantsPage(request: IncomingMessage, target: RequestTarget): boolean {
  const accepts = request.headers.accept?.includes("text/html") ?? false;
  return request.method === "GET" && accepts && !target.path.startsWith("/my-own-cluster");
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof MocError && error.code === "MOC_UNAUTHORIZED";
}
