/** The dashboard's page: `GET /dashboard/`. Its script and style are files plugged beside it. */
import { core } from "./apis.ts";

/** Nothing from anywhere but this runtime, nothing inline, and no frame around it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** What the page proves itself with to the REST API; empty where the platform asks for no proof. */
const TOKEN_HEADER = "x-moc-page-token";

const pageWith = (token: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="dark light" />
    <meta name="moc-page-token" content="${token.replace(/[^\w-]/g, "")}" />
    <title>My Own Cluster</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="dashboard.css" />
    <script type="module" src="dashboard.js"></script>
  </head>
  <body></body>
</html>
`;

function page(): number {
  const output = core.getOutputBufferId();
  const headers: Readonly<Record<string, string>> = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    // Kept nowhere: other pages of this origin could read the token from the browser's cache.
    "cache-control": "no-store",
  };
  for (const name of Object.keys(headers)) {
    core.writeExchangeBufferHeader(output, name, headers[name] ?? "");
  }
  const token = core.readExchangeBufferHeaders(core.getInputBufferId())[TOKEN_HEADER] ?? "";
  core.writeExchangeBuffer(output, pageWith(token));
  return 200;
}

Object.assign(globalThis, { page });
