/// <reference path="./core-api-guest.d.ts" />
/// <reference path="./jwt-api-guest.d.ts" />
const core = requireApi("core");
const jwt = requireApi("jwt");

/** Header by which the filter tells the functions behind it who is there. */
const CLAIMS = "x-user-claims";

/**
 * Start function of the filter, which runs before every plugged function: paths that its data
 * protects need a token that an issuer of the platform (--jwt-issuer) has signed.
 */
function filter() {
  const input = core.getInputBufferId();
  const headers = core.readExchangeBufferHeaders(input);

  // What is in this header must come from here, never from the client.
  if (headers[CLAIMS]) core.writeExchangeBufferHeader(input, CLAIMS, "");

  const { protect } = JSON.parse(headers["x-moc-plug-data"]);
  if (!isProtected(headers["x-moc-url-path"], protect)) return 0;

  const token = tokenOf(headers);
  if (token === undefined) return refuse("this needs a token", 'Bearer realm="acl-filter"');
  // What verifyJwt throws (the issuer's keys cannot be had) ends the request as well.
  const claims = jwt.verifyJwt(token);
  if (claims === undefined) {
    return refuse("this token is not valid here", 'Bearer realm="acl-filter", error="invalid_token"');
  }
  core.writeExchangeBufferHeader(input, CLAIMS, claims);
  return 0;
}

/** Start function behind the filter: says who is there. */
function show() {
  const headers = core.readExchangeBufferHeaders(core.getInputBufferId());
  const claims = headers[CLAIMS];
  const output = core.getOutputBufferId();
  core.writeExchangeBufferHeader(output, "content-type", "application/json");
  core.writeExchangeBuffer(
    output,
    JSON.stringify({ path: headers["x-moc-url-path"], user: claims ? JSON.parse(claims) : null }),
  );
  return 200;
}

/**
 * @param {string} path
 * @param {string[]} prefixes
 */
function isProtected(path, prefixes) {
  return prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}

/**
 * The bearer token of the authorization header (RFC 6750), or of the cookie of the same name.
 * @param {Record<string, string>} headers
 */
function tokenOf(headers) {
  const header = /^Bearer +(\S+)$/i.exec(headers.authorization || "");
  const cookie = /(?:^|; *)authorization=Bearer[. ]([^;\s]+)/i.exec(headers.cookie || "");
  return (header || cookie || [])[1];
}

/**
 * Answers, which ends the request: neither further filters nor the function run.
 * @param {string} error
 * @param {string} challenge
 */
function refuse(error, challenge) {
  const output = core.getOutputBufferId();
  core.writeExchangeBufferStatusCode(output, 401);
  core.writeExchangeBufferHeader(output, "content-type", "application/json");
  core.writeExchangeBufferHeader(output, "www-authenticate", challenge);
  core.writeExchangeBuffer(output, JSON.stringify({ error }));
  core.closeExchangeBuffer(output);
  return 401;
}
