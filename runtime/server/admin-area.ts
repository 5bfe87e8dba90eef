import type { IncomingMessage, ServerResponse } from "node:http";
import { MocError } from "../protocol/errors.ts";
import type { AdminGuard } from "./admin-guard.ts";
import type { RequestTarget } from "./request-target.ts";
import { answerSignInPage, SIGN_IN_PATH, type SignInParts, signIn } from "./sign-in.ts";

const AREAS = ["/my-own-cluster", "/dashboard"];

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
    return AREAS.some((area) => path.startsWith(area) && isBoundary(path.charCodeAt(area.length)));
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
      this.#guard.check(request);
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
    this.#guard.check(request);
  }
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
