import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { MocError } from "../protocol/errors.ts";
import { takeBody } from "./request-body.ts";
import type { RequestTarget } from "./request-target.ts";
import { sameSecret } from "./same-secret.ts";
import type { Sessions } from "./session.ts";
import type { SignInCodes } from "./sign-in-codes.ts";

/** Where browsers sign in; open to who has neither token nor session. */
export const SIGN_IN_PATH = "/my-own-cluster/sign-in";

const FORM_BYTES_MAX = 4096;

/** What signing in checks against and hands out. */
export interface SignInParts {
  readonly codes: SignInCodes;
  readonly sessions: Sessions;
  readonly token: string;
}

/**
 * Signs a browser in: by a one-time link (`?code=…`), or by the admin token in a form. The answer is
 * a page that goes on to the dashboard by itself; a redirect would not carry the new cookie when
 * the link was clicked on another site (SameSite=Strict).
 */
export async function signIn(
  request: IncomingMessage,
  response: ServerResponse,
  { target, parts }: { readonly target: RequestTarget; readonly parts: SignInParts },
): Promise<void> {
  if (request.method === "GET") {
    const code = new URLSearchParams(target.query).get("code");
    if (code === null) answerSignInPage(response, 200, "");
    else if (parts.codes.redeem(code)) answerSignedIn(response, parts.sessions);
    else
      answerSignInPage(response, 401, "This link was used before, or is older than two minutes.");
    return;
  }
  if (request.method !== "POST") {
    response.setHeader("allow", "GET, POST");
    throw new MocError("MOC_METHOD", "Signing in is done by GET (with a code) or POST.");
  }
  const body = await takeBody(request, headersOf(request), FORM_BYTES_MAX);
  const form = new URLSearchParams(Buffer.from(body.bytes ?? "").toString());
  if (sameSecret(form.get("token")?.trim() ?? "", parts.token)) {
    answerSignedIn(response, parts.sessions);
  } else {
    answerSignInPage(response, 401, "This is not the admin token of this instance.");
  }
}

/** The form, also shown instead of the dashboard to who has no session. */
export function answerSignInPage(response: ServerResponse, status: number, problem: string): void {
  const note = problem === "" ? "" : `<p role="alert">${problem}</p>`;
  const body = `<h1>Sign in to My Own Cluster</h1>${note}
<p>Run <code>moc dashboard</code> for a link that signs you in, or paste the admin token
(<code>moc token</code> prints it):</p>
<form method="post" action="${SIGN_IN_PATH}">
<label>Admin token <input name="token" type="password" autocomplete="off" required autofocus></label>
<button>Sign in</button></form>`;
  answerPage(response, { status, title: "Sign in", body, headers: [] });
}

function answerSignedIn(response: ServerResponse, sessions: Sessions): void {
  answerPage(response, {
    status: 200,
    title: "Signed in",
    body: `<meta http-equiv="refresh" content="0; url=/dashboard/">
<p>Signed in. <a href="/dashboard/">Go on to the dashboard</a>.</p>`,
    headers: ["set-cookie", sessions.mintCookie()],
  });
}

interface Page {
  readonly status: number;
  readonly title: string;
  readonly body: string;
  readonly headers: readonly string[];
}

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:34rem;margin:15vh auto;padding:0 1rem}input{width:100%;font:inherit}
button{font:inherit;margin-top:1rem}[role=alert]{color:light-dark(#c62828,#ff8a80);font-weight:600}`;

function answerPage(response: ServerResponse, { status, title, body, headers }: Page): void {
  const html = Buffer.from(`<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>${title} - My Own Cluster</title>
<style>${STYLE}</style>${body}</html>`);
  response.writeHead(status, [
    ...["content-type", "text/html; charset=utf-8"],
    ...["content-length", String(html.length)],
    ...["cache-control", "no-store"],
    ...["content-security-policy", PAGE_POLICY],
    // The link's code is for nobody else; "no-referrer" would make the form's Origin "null".
    ...["referrer-policy", "same-origin"],
    ...["x-content-type-options", "nosniff"],
    // A page that opened this one must not read what is typed here.
    ...["cross-origin-opener-policy", "same-origin"],
    ...headers,
  ]);
  response.end(html);
}

/** The one style of these pages, by its hash: markup that got in by any way could bring no other. */
const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

function headersOf(request: IncomingMessage): Record<string, string> {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  return {
    ...(length !== undefined && { "content-length": length }),
    ...(encoding !== undefined && { "transfer-encoding": encoding }),
  };
}
